import { randomUUID } from 'node:crypto';

/**
 * Text that is known to be JSON and is inserted into an answer unchanged. Parsing and serializing it would change numbers such as
 * 9007199254740993.
 */
export class VerbatimJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** A random string that occurs nowhere else in the answer, and its form in JSON. */
export function placeholder(): { readonly value: string; readonly json: string } {
  const value = randomUUID();
  return { value, json: JSON.stringify(value) };
}

/** Splits a text at its only occurrence of `mark`. */
export function cutAt(text: string, mark: string): readonly [before: string, after: string] {
  const at = text.indexOf(mark);
  return [text.slice(0, at), text.slice(at + mark.length)];
}

/** Serializes a job object; a `response.body` that is verbatim JSON is inserted unchanged. */
export function jobObjectJson(object: Readonly<Record<string, unknown>>): string {
  const { response } = object as { readonly response?: { readonly body?: unknown } };
  if (!(response?.body instanceof VerbatimJson)) return JSON.stringify(object);
  const place = placeholder();
  const [before, after] = cutAt(
    JSON.stringify({ ...object, response: { ...response, body: place.value } }),
    place.json,
  );
  return before + response.body.text + after;
}

/**
 * Replaces line breaks by blanks, so that a record of NDJSON stays one line. In JSON they stand only between tokens (RFC 8259 §2,
 * §7), so the meaning is the same.
 */
export const onOneLine = (json: string): string => json.replace(/[\r\n]/g, ' ');
