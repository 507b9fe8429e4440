import { listHeader } from './header-value';
import type { HeaderPair } from './header-value';

/**
 * Headers that belong to the connection to the target and not to the page (RFC 9110 §7.6.1), and cookies, which clients have no use for.
 */
const LEFT_OUT = new Set([
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'set-cookie',
  'set-cookie2',
]);

export interface PresentHeadersOptions {
  /** Whether the content-encoding was undone; then neither it nor the length describes the body any more. */
  readonly isDecoded: boolean;
  /** Whether everfetch made the body from the page; then its length is not the one that the target sent. */
  readonly isConverted?: boolean;
  readonly bodyBytes: number;
}

/** The target's headers for a client: lower-case names, one string per name. */
export function presentHeaders(
  headers: readonly HeaderPair[],
  { isDecoded, isConverted = false, bodyBytes }: PresentHeadersOptions,
): Record<string, string> {
  const merged = new Map<string, string>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    // Names with `sa-` are everfetch's own, so a target must not set them.
    if (LEFT_OUT.has(key) || key.startsWith('proxy-') || key.startsWith('sa-')) continue;
    const before = merged.get(key);
    merged.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  if (isDecoded) merged.delete('content-encoding');
  if (isDecoded || isConverted || merged.get('content-length') !== String(bodyBytes)) merged.delete('content-length');
  return Object.fromEntries(merged); // defines own properties, so that `__proto__` is a name like any other
}

export interface PageHead {
  readonly targetUri: string;
  readonly statusCode: number;
  readonly headers: readonly HeaderPair[];
  /** Whether everfetch made the body from the page. */
  readonly isConverted?: boolean;
}

/** The `headers` of a job's `response`. The caller adds `sa-credit-cost`. */
export const responseHeaders = (
  { targetUri, statusCode, headers, isConverted = false }: PageHead,
  bodyBytes: number,
): Record<string, string> => ({
  ...presentHeaders(headers, {
    isDecoded: listHeader(headers, 'content-encoding') !== undefined,
    isConverted,
    bodyBytes,
  }),
  'sa-final-url': targetUri,
  'sa-statuscode': String(statusCode),
});
