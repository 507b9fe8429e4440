import type { Writable } from 'node:stream';
import type { Env } from './config-file';

/** A stream that may be a terminal. */
export interface MaybeTerminal extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export type Colour = 'green' | 'red' | 'yellow' | 'dim' | 'bold';

const CODES: Readonly<Record<Colour, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
};

/** Colours a text, or leaves it as it is. */
export type Paint = (colour: Colour, text: string) => string;

/** Colours are for terminals, unless NO_COLOR is set (https://no-color.org) or the terminal is `dumb`. */
export function paintFor(stream: MaybeTerminal, env: Env): Paint {
  const isPlain = stream.isTTY !== true || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  if (isPlain) return (_colour, text) => text;
  return (colour, text) => `\u001b[${CODES[colour][0]}m${text}\u001b[${CODES[colour][1]}m`;
}

/** Replaces what could move the cursor or change colours, because URLs and messages come from elsewhere. */
export const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\ufffd');

/** Shortens a text to a width of that many characters. */
export const fitted = (text: string, width: number): string => {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, Math.max(width - 1, 0)).join('')}…`;
};
