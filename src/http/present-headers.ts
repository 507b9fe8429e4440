type HeaderList = readonly (readonly [name: string, value: string])[];

/** Of the connection to the target, not of the page (RFC 9110 §7.6.1), and what a client of ours has no use for. */
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
  /** The content-encoding was undone: neither it nor the length describes the body any more. */
  readonly isDecoded: boolean;
  /** The body was made from the page by us: its length is none that the target sent. */
  readonly isConverted?: boolean;
  readonly bodyBytes: number;
}

/** The target's headers for a client: lower-case names, one string per name. */
export function presentHeaders(
  headers: HeaderList,
  { isDecoded, isConverted = false, bodyBytes }: PresentHeadersOptions,
): Record<string, string> {
  const merged = new Map<string, string>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    // `sa-` is ours: a target cannot speak in our name.
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
  readonly headers: HeaderList;
  /** Made from the page by us. */
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

/** The value of a header that is a list, over all its lines; undefined when it is not there. */
export function listHeader(headers: HeaderList, name: string): string | undefined {
  const values = headers.filter(([candidate]) => candidate.toLowerCase() === name).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(', ');
}

/** The value of a header that is given once; of several lines the last, as the Fetch Standard does for Content-Type. */
export function lastHeader(headers: HeaderList, name: string): string | undefined {
  return headers.findLast(([candidate]) => candidate.toLowerCase() === name)?.[1];
}
