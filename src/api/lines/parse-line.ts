import { isUtf8 } from 'node:buffer';
import type { ErrorCode } from '../../jobs/error-codes';
import { isJsonObject } from '../../jobs/given-params';
import { assertJsonShape } from '../middleware/assert-json-shape';
import { ProblemError } from '../problem';

/** What is wrong with a line, as the end of a sentence that begins with its number. */
export interface LineProblem {
  readonly code: ErrorCode;
  readonly message: string;
}

export type ParsedLine =
  | { readonly kind: 'blank' }
  | { readonly kind: 'bad'; readonly problem: LineProblem }
  | { readonly kind: 'object'; readonly fields: Readonly<Record<string, unknown>> };

const bad = (message: string, code: ErrorCode = 'invalid_json'): ParsedLine => ({
  kind: 'bad',
  problem: { code, message },
});

/** A line of so many bytes cannot be nested too deep, and nearly all lines are shorter. */
const ALWAYS_SHALLOW_BYTES = 4_096;

/** Parses a line as a JSON object. White space around it is ignored, so the line may end in CRLF. */
export function parseLine(bytes: Buffer): ParsedLine {
  if (isBlank(bytes)) return { kind: 'blank' };
  if (bytes.includes(0)) return bad('holds a NUL byte');
  if (!isUtf8(bytes)) return bad('is not UTF-8');
  try {
    if (bytes.length > ALWAYS_SHALLOW_BYTES) assertJsonShape(bytes);
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (isJsonObject(value)) return { kind: 'object', fields: value };
    return bad('is not a JSON object such as {"url":"https://…"}', 'invalid_request');
  } catch (error) {
    if (error instanceof ProblemError) return bad('is nested too deep', 'invalid_request');
    return bad('is not valid JSON');
  }
}

function isBlank(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  return true;
}

/** Removes the mark with which some editors begin a file. */
export const withoutMark = (bytes: Buffer): Buffer =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
