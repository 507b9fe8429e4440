import { z } from 'zod';

/** The part of a text that the caller wants to see. */
export interface Trim {
  readonly maxChars: number;
  readonly offset: number;
}

export interface TrimmedText {
  readonly text: string;
  /** Where the rest begins; undefined when there is none. */
  readonly nextOffset: number | undefined;
}

const DEFAULT_CHARS = 20_000;

export const maxChars = z
  .int()
  .min(100)
  .max(1_000_000)
  .default(DEFAULT_CHARS)
  .describe('The most characters of the page that the answer may have. What is left out is said.');

/** A part of a text. It ends before a character of two code units rather than in it. */
export function trimmedText(whole: string, { maxChars: limit, offset }: Trim): TrimmedText {
  const end = offset + limit;
  if (end >= whole.length) return { text: whole.slice(offset), nextOffset: undefined };
  const isInCharacter = (whole.codePointAt(end - 1) ?? 0) > 0xffff;
  const nextOffset = isInCharacter ? end - 1 : end;
  return { text: whole.slice(offset, nextOffset), nextOffset };
}
