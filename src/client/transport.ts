import { apiErrorOf, notJson } from './api-error-of';
import { ApiError, ConnectionError, EverfetchError, RateLimitError } from './errors';
import { linkedAbort, pause } from './linked-abort';
import { openAnswer } from './open-answer';
import type { OpenAnswer } from './open-answer';
import { retryDelayMs } from './retry-delay';

export type QueryValue = string | number | boolean | readonly (string | number)[] | undefined;
export type Query = Readonly<Record<string, QueryValue>>;

export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Begins with a slash. */
  readonly path: string;
  /** Lists become several parameters of one name. */
  readonly query?: Query | undefined;
  readonly body?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Whether it does no harm when it is carried out twice. @default all but POST */
  readonly isRepeatable?: boolean;
  /** Whether it waits for as long as the limits of the key are reached. */
  readonly isPatient?: boolean;
  /** Added to the time that an answer may take (ms). */
  readonly extraMs?: number;
}

export interface TransportOptions {
  readonly url: string;
  readonly apiKey: string | undefined;
  readonly fetch: typeof globalThis.fetch;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly maxRetries: number;
}

/** A slow line takes this long for a byte of an upload (ms). */
const UPLOAD_MS_PER_BYTE = 0.02;

/** Makes the HTTP calls: with key and time limit, again when that helps, and every failure as an error with a type. */
export class Transport {
  readonly #options: TransportOptions;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  get timeoutMs(): number {
    return this.#options.timeoutMs;
  }

  get maxRetries(): number {
    return this.#options.maxRetries;
  }

  /** The JSON of an answer; undefined for one without content. */
  async json<T>(call: Call): Promise<T> {
    return (await this.jsonWithHeaders<T>(call)).value;
  }

  jsonWithHeaders<T>(call: Call): Promise<{ readonly value: T; readonly headers: Headers }> {
    return this.#again(call, async (answer, what) => {
      const text = await answer.text();
      const { headers } = answer.response;
      if (text === '') return { value: undefined as T, headers };
      try {
        return { value: JSON.parse(text) as T, headers };
      } catch {
        throw notJson(what, answer.response);
      }
    });
  }

  /** An answer whose body is still to be read. It has to be read to its end, or closed. */
  open(call: Call): Promise<OpenAnswer> {
    return this.#again(call, async (answer) => answer);
  }

  async #again<T>(call: Call, use: (answer: OpenAnswer, what: string) => Promise<T>): Promise<T> {
    const { signal, isRepeatable = call.method !== 'POST', isPatient = false } = call;
    for (let retry = 0; ;) {
      try {
        return await this.#once(call, use);
      } catch (error) {
        const delayMs = retryDelayMs(error, retry, isRepeatable);
        const isOver = retry >= this.#options.maxRetries && !(isPatient && error instanceof RateLimitError);
        if (delayMs === undefined || isOver) throw error;
        await pause(delayMs, signal);
        retry += 1;
      }
    }
  }

  async #once<T>(call: Call, use: (answer: OpenAnswer, what: string) => Promise<T>): Promise<T> {
    const { url, apiKey, fetch, headers, timeoutMs } = this.#options;
    const { method, path, body } = call;
    const what = `${method} ${path}`;
    const limitMs = timeoutMs + (call.extraMs ?? 0) + (body?.length ?? 0) * UPLOAD_MS_PER_BYTE;
    const link = linkedAbort(call.signal);
    const late = new ConnectionError(`${what} was not answered within ${Math.round(limitMs / 1_000)} s.`);
    const timer = setTimeout(() => link.abort(late), limitMs);
    let isHandedOver = false;
    try {
      const response = await fetch(`${url}${path}${queryText(call.query)}`, {
        method,
        headers: {
          ...headers,
          ...(apiKey !== undefined && { 'x-api-key': apiKey }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...call.headers,
        },
        ...(body !== undefined && { body }),
        signal: link.signal,
        // The key would go along to wherever the redirect leads.
        redirect: 'manual',
      });
      const answer = openAnswer(response, { link, what, idleMs: timeoutMs });
      if (!response.ok) throw await failureOf(answer, what);
      const value = await use(answer, what);
      isHandedOver = (value as unknown) === answer;
      return value;
    } catch (error) {
      call.signal?.throwIfAborted();
      if (error instanceof EverfetchError) throw error;
      if (link.signal.aborted) throw late;
      throw new ConnectionError(`${what}: no answer from ${url}${reasonOf(error)}.`, { cause: error });
    } finally {
      clearTimeout(timer);
      if (!isHandedOver) link.release();
    }
  }
}

async function failureOf(answer: OpenAnswer, what: string): Promise<ApiError> {
  const { response } = answer;
  if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
    answer.close();
    return new ApiError(`${what} was answered with a redirect; give the address that it leads to.`, {
      status: response.status,
      code: 'not_everfetch',
      details: [],
      requestId: undefined,
      retryAfterMs: undefined,
    });
  }
  return apiErrorOf(what, response, await answer.text());
}

/** The code of what lies below a failed fetch, such as ` (ECONNREFUSED)`. */
function reasonOf(error: unknown): string {
  const { cause } = (error ?? {}) as { readonly cause?: { readonly code?: unknown } };
  return typeof cause?.code === 'string' ? ` (${cause.code})` : '';
}

function queryText(query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    for (const each of Array.isArray(value) ? (value as readonly (string | number)[]) : [value as string | undefined])
      if (each !== undefined) parameters.append(name, String(each));
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}
