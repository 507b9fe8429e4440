import { Readable } from 'node:stream';
import { types } from 'node:util';
import { Agent } from 'undici';
import { targetConnector } from '../net/dial/connector';
import type { Guard } from '../net/guard';
import { Authorities } from '../net/tls/authorities';
import { ChainCompleter } from '../net/tls/chain-completer';
import { TlsSessions } from '../net/tls/tls-sessions';
import type { ReceiverAnswer } from './call-exchange';
import { CallExchange } from './call-exchange';
import type { Payload } from './callback-payload';
import { CallSignature } from './signature';
import type { SignOptions, SignatureHeaders } from './signature';

/** Outcome of one call. `error` is a short code and holds neither the URL nor anything that was sent. */
export type CallResult =
  ({ readonly kind: 'answered' } & ReceiverAnswer) | { readonly kind: 'unanswered'; readonly error: string };

export interface CallbackCall {
  /** Value of the `webhook-id` header. */
  readonly id: string;
  readonly url: string;
  readonly payload: Payload;
  readonly secrets: readonly string[];
  /** Cuts the call; `post` then rejects with its reason. */
  readonly signal: AbortSignal;
}

export type PostCallback = (call: CallbackCall) => Promise<CallResult>;

export interface PostCallbackOptions {
  /** Time from the beginning of the call to the head of its answer (ms). @default 15_000 */
  readonly timeoutMs?: number;
  /** Trusted certificate authorities (PEM). @default those that Node trusts */
  readonly authorities?: readonly string[] | undefined;
}

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Posts to receivers. They are untrusted targets too: the guard checks the address that is dialled. Redirects are not
 * followed, and the caller judges the answer.
 */
export function createPostCallback(
  guard: Guard,
  { timeoutMs = 15_000, authorities }: PostCallbackOptions = {},
): { readonly post: PostCallback; readonly close: () => Promise<void> } {
  const agent = new Agent({
    connect: targetConnector({
      lookup: guard.lookup,
      chains: new ChainCompleter(new Authorities(authorities), guard),
      sessions: new TlsSessions(),
      timeoutMs: Math.min(CONNECT_TIMEOUT_MS, timeoutMs),
    }),
    // Connections are not limited here, because the caller bounds the calls: a call must not lose its time in a queue.
    headersTimeout: 0, // The exchange has one clock for the whole call.
    bodyTimeout: 0,
  });

  async function post({ id, url, payload, secrets, signal }: CallbackCall): Promise<CallResult> {
    const target = new URL(url);
    const { signed, contentLength } = await sign(payload, { id, at: new Date(), secrets });
    signal.throwIfAborted();
    const body = payload.kind === 'bytes' ? { content: payload.bytes } : streamOf(payload.parts());
    const exchange = new CallExchange(timeoutMs);
    const onAbort = () => exchange.cut(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      guard.assertUrl(target);
      const authorization = basicAuth(target);
      const headers = {
        'content-type': 'application/json',
        'content-length': String(contentLength),
        'user-agent': 'everfetch',
        ...signed,
        ...(authorization !== undefined && { authorization }),
      };
      const { origin, pathname, search } = target;
      agent.dispatch({ origin, path: pathname + search, method: 'POST', headers, body: body.content }, exchange);
      return { kind: 'answered', ...(await exchange.answer) };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (body.failure !== undefined) throw body.failure;
      return { kind: 'unanswered', error: codeOf(error) };
    } finally {
      signal.removeEventListener('abort', onAbort);
      exchange.end();
      if (body.content instanceof Readable) body.content.destroy();
    }
  }

  return { post, close: () => agent.destroy() };
}

async function sign(
  payload: Payload,
  options: SignOptions,
): Promise<{ readonly signed: SignatureHeaders; readonly contentLength: number }> {
  const signature = new CallSignature(options);
  let contentLength = 0;
  const take = (part: Buffer) => {
    signature.update(part);
    contentLength += part.length;
  };
  if (payload.kind === 'bytes') take(payload.bytes);
  else for await (const part of payload.parts()) take(part);
  return { signed: signature.headers(), contentLength };
}

interface Body {
  readonly content: Buffer | Readable;
  /** Error that ended the reading of the page; it is not the receiver's failure. */
  failure?: Error;
}

function streamOf(parts: AsyncIterable<Buffer>): Body {
  async function* noted() {
    try {
      yield* parts;
    } catch (error) {
      body.failure = error as Error;
      throw error;
    }
  }
  const body: Body = { content: Readable.from(noted(), { objectMode: false }) };
  return body;
}

/** `user:pass@` becomes HTTP Basic and is part of nothing else that is sent. */
function basicAuth({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64')}`;
}

/** A percent sign that encodes nothing stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function codeOf(error: unknown): string {
  const { code, name, cause } = error as { code?: unknown; name?: unknown; cause?: unknown };
  if (name === 'ForbiddenTargetError') return 'forbidden_target';
  if (name === 'TimeoutError') return 'timeout';
  if (typeof code === 'string') return code;
  return types.isNativeError(cause) ? codeOf(cause) : String(name);
}
