export interface RequestMessage {
  readonly method: string;
  /** As it goes out: see `requestTarget`. */
  readonly path: string;
  /** Host and port as the URL has them. */
  readonly host: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: string | undefined;
}

/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const TARGET = /^[\x21-\xff]+$/;
/** These announce a body even where there is none, as undici does (lib/dispatcher/client-h1.js, expectsPayload). */
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH']);

/**
 * A request as undici would write it, so that a target cannot tell which of the two has sent it.
 * Throws a TypeError for what would end a line: a header, or a request, of somebody else's making would begin there.
 */
export function requestMessage({ method, path, host, headers, body }: RequestMessage): Buffer {
  if (!TOKEN.test(method) || !TARGET.test(path)) throw new TypeError('a request line may hold no blanks or controls');
  const lines = [`${method} ${path} HTTP/1.1`, `host: ${host}`, 'connection: keep-alive'];
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const [name = '', value = ''] = headers.slice(at, at + 2);
    if (!TOKEN.test(name) || !VALUE.test(value)) throw new TypeError(`the header ${JSON.stringify(name)} is not valid`);
    lines.push(`${name}: ${value}`);
  }
  const bytes = Buffer.from(body ?? '', 'utf8');
  if (bytes.length > 0 || WITH_BODY.has(method)) lines.push(`content-length: ${bytes.length}`);
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), bytes]);
}
