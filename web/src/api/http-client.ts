import type { BatchObject, FailureCluster, JobObject, Overview, Page } from './types';

export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

/** The service has answered with an error. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly details: readonly { readonly path: string; readonly message: string }[];
  constructor(status: number, body: Record<string, unknown>) {
    super(String(body.detail ?? body.error ?? body.title ?? `The service answered ${status}.`));
    this.status = status;
    this.code = String(body.code ?? 'unknown');
    const details = body.errors ?? body.details;
    this.details = Array.isArray(details) ? (details as { path: string; message: string }[]) : [];
  }
}

type Values = Readonly<Record<string, string | number | undefined>>;
interface CallOptions {
  readonly signal?: AbortSignal;
}
interface RequestOptions extends CallOptions {
  readonly query?: Values;
  readonly json?: unknown;
  readonly body?: BodyInit;
  readonly type?: string;
}

/** Calls the HTTP API with the names of `everfetch/client`. */
export class Everfetch {
  readonly #url: string;
  readonly #apiKey: string;
  constructor({ url, apiKey }: { readonly url: string; readonly apiKey: string; readonly maxRetries?: number }) {
    this.#url = url;
    this.#apiKey = apiKey;
  }

  async request(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
    const values = Object.entries(options.query ?? {}).filter(([, value]) => value !== undefined && value !== '');
    const search = new URLSearchParams(values.map(([name, value]) => [name, String(value)])).toString();
    const type = options.type ?? (options.json === undefined ? undefined : 'application/json');
    const body = options.json === undefined ? options.body : JSON.stringify(options.json);
    const init: RequestInit = {
      method,
      headers: { 'x-api-key': this.#apiKey, ...(type !== undefined && { 'content-type': type }) },
      ...(options.signal !== undefined && { signal: options.signal }),
      ...(body !== undefined && { body }),
    };
    const answer = await fetch(`${this.#url}${path}${search === '' ? '' : `?${search}`}`, init).catch(
      (cause: unknown) => {
        if (options.signal?.aborted === true) throw cause;
        throw new ConnectionError('The service cannot be reached.', { cause });
      },
    );
    if (answer.ok) return answer;
    throw new ApiError(answer.status, (await answer.json().catch(() => ({}))) as Record<string, unknown>);
  }

  async #json<Body>(method: string, path: string, options?: RequestOptions): Promise<Body> {
    return (await (await this.request(method, path, options)).json()) as Body;
  }

  account = (options?: CallOptions) => this.#json<Record<string, number>>('GET', '/account', options);
  overview = (options?: CallOptions) => this.#json<Overview>('GET', '/overview', options);
  batch = (id: string, options?: CallOptions) => this.#json<BatchObject>('GET', `/batches/${id}`, options);
  job = (id: string, query: Values = {}, options?: CallOptions) =>
    this.#json<JobObject>('GET', `/jobs/${id}`, { query, ...options });
  failures = (id: string, options?: CallOptions) =>
    this.#json<{ clusters: FailureCluster[]; isComplete: boolean }>('GET', `/batches/${id}/failures`, options);
  batchesPage = (query: Values, options?: CallOptions) =>
    this.#json<Page<BatchObject>>('GET', '/batches', { query, ...options });
  batchJobsPage = (id: string, query: Values, options?: CallOptions) =>
    this.#json<Page<JobObject>>('GET', `/batches/${id}/jobs`, { query, ...options });
  pause = (id: string) => this.#json<BatchObject>('POST', `/batches/${id}/pause`);
  resume = (id: string) => this.#json<BatchObject>('POST', `/batches/${id}/resume`);
  cancel = (id: string) => this.#json<BatchObject>('POST', `/batches/${id}/cancel`);
}
