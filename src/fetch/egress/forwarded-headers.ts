import { FORBIDDEN_HEADER, TROUBLE_HEADER } from './refusal';

/** RFC 9110 §7.6.1, and what old clients and proxies send besides. `expect` is answered by the parser, on our side. */
const HOP_BY_HOP = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Statements of our own about a connection; a target that could make them would end jobs as forbidden. */
const OURS = new Set([FORBIDDEN_HEADER, TROUBLE_HEADER]);
/** Node gives these a chunked body if they say nothing about one. */
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);

/**
 * What a client that needs no proxy would have sent: names and values in turn, in its order.
 * @param host of the URL that was checked; a `host` header that says something else is not believed
 */
export function requestHeadersOf(raw: readonly string[], method: string, host: string): readonly string[] {
  const kept = endToEnd(raw).filter(([name]) => name.toLowerCase() !== 'host');
  const isChunked = pairsOf(raw).some(([name]) => name.toLowerCase() === 'transfer-encoding');
  const hasLength = kept.some(([name]) => name.toLowerCase() === 'content-length');
  return [
    ...['Host', host, 'Connection', 'keep-alive'], // as browsers begin
    ...kept.flat(),
    ...(isChunked ? ['Transfer-Encoding', 'chunked'] : []),
    ...(WITH_BODY.has(method) && !isChunked && !hasLength ? ['Content-Length', '0'] : []),
  ];
}

export function responseHeadersOf(raw: readonly string[], isKept: boolean): string[] {
  const kept = endToEnd(raw).filter(([name]) => !OURS.has(name.toLowerCase()));
  return [...kept.flatMap(([name, value]) => [name, cleanText(value)]), ...(isKept ? [] : ['Connection', 'close'])];
}

/** Without what may not stand in a header (RFC 9110 §5.5), though browsers do not mind it: Node sends none of it on. */
export const cleanText = (text: string): string => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '');

function endToEnd(raw: readonly string[]): readonly (readonly [string, string])[] {
  const pairs = pairsOf(raw);
  const named = pairs.flatMap(([name, value]) => (name.toLowerCase() === 'connection' ? value.split(',') : []));
  const dropped = new Set(named.map((name) => name.trim().toLowerCase()));
  dropped.delete('content-length'); // belongs to the message, whoever names it: without it the body would have another end
  return pairs.filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase()) && !dropped.has(name.toLowerCase()));
}

function pairsOf(raw: readonly string[]): readonly (readonly [string, string])[] {
  return raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? ''] as const] : []));
}
