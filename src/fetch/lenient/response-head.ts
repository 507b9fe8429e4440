import { headerValues } from '../../http/header-value';
import type { HeaderPair } from '../../http/header-value';

/** Status line and header of a response, read as Chromium reads them. */
export interface ResponseHead {
  /** True for HTTP/1.1 or later, where a connection stays open unless the header says otherwise. */
  readonly isHttp11: boolean;
  readonly statusCode: number;
  readonly statusText: string;
  /** Names and values; each character of a value is one byte (ISO-8859-1). */
  readonly headers: readonly HeaderPair[];
  /** True when every line follows RFC 9112. */
  readonly isStandard: boolean;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const STRICT_STATUS_LINE = /^HTTP\/1\.[01] [1-9]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const STRICT_FIELD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Reads a head that begins with its status line and ends with an empty line. It ignores what Chromium ignores
 * (net/http/http_response_headers.cc and http_util.cc, AssembleRawHeaders): lines end at CR or LF, a line that begins with a blank goes on
 * with the one before, and lines without a colon or with a name that is no token do not count.
 * Throws an {@link InvalidResponseError} when the status is no number of three digits.
 */
export function parseResponseHead(bytes: Buffer): ResponseHead {
  const text = bytes.toString('latin1');
  const [statusLine = '', ...lines] = text
    .replaceAll('\0', '')
    .split(/[\r\n]+/)
    .filter((line) => line !== '');
  const headers = unfold(lines).flatMap((line) => fieldOf(line) ?? []);
  return { ...statusOf(statusLine), headers, isStandard: isStandard(text) };
}

/** Parses the status line. A missing version means 1.0 and a missing status 200, as for Chromium (ParseStatusLine). */
function statusOf(line: string): Pick<ResponseHead, 'isHttp11' | 'statusCode' | 'statusText'> {
  const [, major = '1', minor = '0'] = /^http\/(\d)\.(\d)/i.exec(line) ?? [];
  const isHttp11 = Number(major) * 10 + Number(minor) >= 11;
  const [, code = '', statusText = ''] = /^[^ ]* +(\d*)[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
  if (code === '') return { isHttp11, statusCode: 200, statusText: 'OK' };
  if (!/^[1-9]\d\d$/.test(code)) throw new InvalidResponseError(`its status is ${JSON.stringify(code.slice(0, 20))}`);
  return { isHttp11, statusCode: Number(code), statusText };
}

/** Joins continued lines. Only a line that has a name and a colon can be continued. */
function unfold(lines: readonly string[]): readonly string[] {
  const joined: string[] = [];
  let isContinuable = false;
  let parts: string[] = [];
  for (const line of lines) {
    if (isContinuable && isBlank(line[0])) {
      parts.push(trimBlanks(line));
      continue;
    }
    if (parts.length > 0) joined.push(parts.join(' '));
    parts = [line];
    isContinuable = line.indexOf(':') > 0 && !isBlank(line[0]);
  }
  if (parts.length > 0) joined.push(parts.join(' '));
  return joined;
}

function fieldOf(line: string): HeaderPair[] | undefined {
  const colon = line.indexOf(':');
  if (colon < 1 || isBlank(line[0])) return undefined;
  const name = trimBlanks(line.slice(0, colon));
  return TOKEN.test(name) ? [[name, trimBlanks(line.slice(colon + 1))]] : undefined;
}

function isStandard(text: string): boolean {
  if (!text.endsWith('\r\n\r\n')) return false;
  const [statusLine = '', ...lines] = text.slice(0, -4).split('\r\n');
  return STRICT_STATUS_LINE.test(statusLine) && lines.every((line) => STRICT_FIELD.test(line));
}

const isBlank = (char: string | undefined): boolean => char === ' ' || char === '\t';

/** Trims blanks and tabs only: `trim()` would also take bytes of the value, such as 0xA0. It loops, because a pattern is quadratic on long runs. */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text[start])) start += 1;
  while (end > start && isBlank(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

/** The answer is no HTTP response, not even for browsers. `error-codes.ts` knows its code. */
export class InvalidResponseError extends Error {
  readonly code = 'UND_ERR_RESPONSE';

  constructor(what: string) {
    super(`the answer is not HTTP: ${what}`);
    this.name = 'InvalidResponseError';
  }
}

/** How the end of a body is recognised. */
export type BodyFraming =
  | { readonly kind: 'none' }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'until-close' };

/** Determines the framing of a body. Chunks take precedence over a length (RFC 9112 §6.3); different lengths are refused, as by Chromium. */
export function framingOf({ statusCode, headers }: ResponseHead, method: string): BodyFraming {
  if (method === 'HEAD' || statusCode === 204 || statusCode === 304) return { kind: 'none' };
  if (listOf(headers, 'transfer-encoding').some((coding) => coding.toLowerCase() === 'chunked'))
    return { kind: 'chunked' };
  const lengths = new Set(listOf(headers, 'content-length'));
  if (lengths.size > 1) throw new InvalidResponseError('it has several lengths');
  const [length = ''] = lengths;
  // Without a valid length, the body ends with the connection.
  return /^\d{1,15}$/.test(length) ? { kind: 'length', bytes: Number(length) } : { kind: 'until-close' };
}

function listOf(headers: ResponseHead['headers'], name: string): readonly string[] {
  return headerValues(headers, name)
    .flatMap((value) => value.split(','))
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
