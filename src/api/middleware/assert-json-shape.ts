import { ProblemError } from '../problem';

/** `meta` may be any JSON of 4 KiB, which is 2,048 brackets at most; `JSON.stringify` gives up at about 7,000 (measured). */
const MAX_DEPTH = 2_100;

/** 64 MB of `{},` would be a gigabyte of objects (measured: 56 bytes each); a batch of 50,000 URLs has 100,000 tokens. */
const MAX_TOKENS = 1_000_000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN = [0x5b, 0x7b];
const CLOSE = [0x5d, 0x7d];

/**
 * Checks the depth and the number of values before anything is built from the text. Whether it is valid JSON is left to the parser.
 * @throws ProblemError that names the top-level field which is nested too deep
 */
export function assertJsonShape(bytes: Buffer): void {
  let depth = 0;
  let tokens = 0;
  let field: Buffer | undefined;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) {
      const end = endOfString(bytes, at);
      if (depth === 1) field = bytes.subarray(at, end + 1);
      at = end;
      tokens++;
    } else if (byte === COMMA) {
      tokens++;
    } else if (OPEN.includes(byte)) {
      tokens++;
      if (++depth > MAX_DEPTH) throw tooDeep(field);
    } else if (CLOSE.includes(byte)) {
      depth--;
    }
    if (tokens > MAX_TOKENS)
      throw new ProblemError('body_too_large', `The request body holds more than ${MAX_TOKENS} JSON tokens.`);
  }
}

function endOfString(bytes: Buffer, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}

function tooDeep(field: Buffer | undefined): ProblemError {
  const message = `is nested deeper than ${MAX_DEPTH} levels`;
  const path = field === undefined ? undefined : textOf(field);
  return new ProblemError('invalid_request', `${path ?? 'The request body'} ${message}.`, {
    ...(path !== undefined && { details: [{ path, message }] }),
  });
}

function textOf(quoted: Buffer): string | undefined {
  try {
    return String(JSON.parse(quoted.toString('utf8'))).slice(0, 100);
  } catch {
    return undefined;
  }
}
