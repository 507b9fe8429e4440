import { usageError } from '../cli-error';

/** An integer that the service checks further; undefined when the option was not given. */
export function integerOption(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw usageError(`${flag} must be an integer, not ${JSON.stringify(text)}.`);
  return Number(text);
}

/** An integer of at least 1. */
export function countOption(flag: string, text: string): number {
  const count = integerOption(flag, text) ?? 0;
  if (count === 0) throw usageError(`${flag} must be at least 1.`);
  return count;
}

/** Collects an option that may be repeated. */
export const repeated = (text: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  text,
];
