import { types } from 'node:util';
import { Agent, request } from 'undici';
import type { Guard } from '../fetch/guard';

/** One call, as it came out. `error` is short and holds neither the URL nor the answer's text. */
export type CallResult = { readonly isDelivered: true } | { readonly isDelivered: false; readonly error: string };

export type PostCallback = (url: string, body: string, signal: AbortSignal) => Promise<CallResult>;

const CALL_TIMEOUT_MS = 15_000;
const KEPT_ANSWER_BYTES = 64 * 1024;

/**
 * Posts job objects to receivers. They are untrusted targets too: the guard checks the address that is dialled.
 * Only 2xx acknowledges; a redirect is a failure.
 */
export function createPostCallback(guard: Guard): { readonly post: PostCallback; close(): Promise<void> } {
  const agent = new Agent({
    connect: { lookup: guard.lookup, timeout: 10_000 },
    connections: 8,
    headersTimeout: CALL_TIMEOUT_MS,
    bodyTimeout: CALL_TIMEOUT_MS,
  });
  return {
    async post(url, body, signal) {
      try {
        const target = new URL(url);
        guard.assertUrl(target);
        const credentials = basicAuth(target);
        const { statusCode, body: answer } = await request(target, {
          dispatcher: agent,
          method: 'POST',
          body,
          headers: {
            'content-type': 'application/json',
            'user-agent': 'everfetch',
            ...(credentials !== undefined && { authorization: credentials }),
          },
          signal: AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]),
        });
        await answer
          .dump({ limit: KEPT_ANSWER_BYTES, signal: AbortSignal.timeout(CALL_TIMEOUT_MS) })
          .catch(() => undefined);
        return statusCode >= 200 && statusCode < 300
          ? { isDelivered: true }
          : { isDelivered: false, error: `status ${statusCode}` };
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        return { isDelivered: false, error: codeOf(error) };
      }
    },
    close: () => agent.destroy(),
  };
}

/** `user:pass@` becomes HTTP Basic; it is taken out of the URL, which undici would refuse with it. */
function basicAuth(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined;
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}

function codeOf(error: unknown): string {
  const { code, name, cause } = error as { code?: unknown; name?: unknown; cause?: unknown };
  if (name === 'ForbiddenTargetError') return 'forbidden address';
  if (name === 'TimeoutError') return 'no answer in time';
  if (typeof code === 'string') return code;
  return types.isNativeError(cause) ? codeOf(cause) : String(name);
}
