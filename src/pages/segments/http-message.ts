/**
 * An HTTP response as WARC records hold it; its head is written and read as in HTTP/1.1 (RFC 9112 §4 and §5).
 * Field lines are ISO-8859-1: one character is one byte, so any value survives the way through a string.
 */
export interface HttpMessage {
  readonly statusCode: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Body as it came, with its content-encoding. */
  readonly body: Buffer;
}

/** Thrown for bytes that are not a response in the form that we write. */
export class HttpFormatError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'HttpFormatError';
  }
}

/** Writes status line, header and the empty line behind them. The header states the length of the body. */
export function serializeHead({ statusCode, statusText, headers, body }: HttpMessage): Buffer {
  const lines = [`HTTP/1.1 ${statusCode} ${fieldValue(statusText)}`];
  for (const [name, value] of withTrueLength(headers, body.length)) {
    const safeName = fieldName(name);
    if (safeName !== '') lines.push(`${safeName}: ${fieldValue(value)}`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

/** Reads a response. The body is a view on `bytes`, not a copy. */
export function parseHttpMessage(bytes: Buffer): HttpMessage {
  const head = parseHttpHead(bytes);
  if (head === undefined) throw new HttpFormatError('HTTP header has no end');
  const { statusCode, statusText, headers } = head;
  return { statusCode, statusText, headers, body: bytes.subarray(head.headBytes) };
}

export interface HttpHead extends Omit<HttpMessage, 'body'> {
  /** Index at which the body begins. */
  readonly headBytes: number;
}

/** Reads the head of a response; undefined when `bytes` end before the head does. */
export function parseHttpHead(bytes: Buffer): HttpHead | undefined {
  const headBytes = bytes.indexOf('\r\n\r\n', 0, 'latin1');
  if (headBytes < 0) return undefined;
  const [statusLine = '', ...fieldLines] = bytes.toString('latin1', 0, headBytes).split('\r\n');
  const status = /^HTTP\/\d(?:\.\d)? (\d{3})(?: ([^]*))?$/.exec(statusLine);
  if (status === null) throw new HttpFormatError(`expected an HTTP status line, found ${JSON.stringify(statusLine)}`);
  return {
    statusCode: Number(status[1]),
    statusText: status[2] ?? '',
    headers: fieldLines.map(parseField),
    headBytes: headBytes + 4,
  };
}

/**
 * Replaces the header of the transfer coding, which the fetcher has undone, by the length (RFC 9112 §7.1.3).
 * The length that was sent may differ too: after a HEAD request, or when the page was cut short.
 */
function withTrueLength(headers: HttpMessage['headers'], bodyBytes: number): HttpMessage['headers'] {
  const kept: (readonly [string, string])[] = [];
  let hasLength = headers.some(([name]) => name.toLowerCase() === 'content-length');
  let isWritten = false;
  for (const header of headers) {
    const name = header[0].toLowerCase();
    const takesLength = name === 'content-length' || (name === 'transfer-encoding' && !hasLength);
    if (takesLength && !isWritten) {
      kept.push([name === 'content-length' ? header[0] : 'Content-Length', String(bodyBytes)]);
      isWritten = hasLength = true;
    } else if (name !== 'content-length' && name !== 'transfer-encoding') {
      kept.push(header);
    }
  }
  return kept;
}

/** Replaces what is not allowed in a field name (RFC 9110 §5.1): a lenient client may let it through, and it would break the line. */
const fieldName = (text: string): string => text.replace(/[^!#$%&'*+\-.^_`|~0-9A-Za-z]/gu, '_');

/**
 * Replaces CR, LF and NUL by a space (RFC 9110 §5.5), and characters beyond one byte as well:
 * Latin-1 keeps the low byte only, which makes a line feed of U+010A.
 */
const fieldValue = (text: string): string => trimBlanks(text.replace(/[\r\n\0]|[^\0-\xff]/gu, ' '));

function parseField(line: string): readonly [string, string] {
  const colon = line.indexOf(':');
  if (colon < 1) throw new HttpFormatError(`expected a header field, found ${JSON.stringify(line)}`);
  return [line.slice(0, colon), trimBlanks(line.slice(colon + 1))];
}

/** Trims spaces and tabs. `trim()` would also take bytes that belong to the value, such as 0xA0, and a pattern is quadratic on long runs. */
function trimBlanks(text: string): string {
  const isBlank = (index: number): boolean => text[index] === ' ' || text[index] === '\t';
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(start)) start += 1;
  while (end > start && isBlank(end - 1)) end -= 1;
  return text.slice(start, end);
}
