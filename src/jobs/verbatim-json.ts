import { randomUUID } from 'node:crypto';

/** Text that is known to be JSON and goes into an answer as it is: to parse it and write it anew would change numbers such as 9007199254740993. */
export class VerbatimJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** A string that cannot occur in anything that was written before it was made, and its form in JSON. */
export function placeholder(): { readonly value: string; readonly json: string } {
  const value = randomUUID();
  return { value, json: JSON.stringify(value) };
}

/** Cuts a text at the one place where `mark` stands. */
export function cutAt(text: string, mark: string): readonly [before: string, after: string] {
  const at = text.indexOf(mark);
  return [text.slice(0, at), text.slice(at + mark.length)];
}

/** `JSON.stringify` of a job object, with a `response.body` that is verbatim JSON spliced in. */
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

/** Line breaks in JSON stand between tokens only (RFC 8259 §2, §7), so a blank means the same, and a record of NDJSON stays one line. */
export const onOneLine = (json: string): string => json.replace(/[\r\n]/g, ' ');
