import { configFields } from './config-fields';
import type { ConfigField } from './config-field';

/** Longest part of a value that is shown, because operators read it in a terminal or in one line of a log. */
const MAX_SHOWN_LENGTH = 100;

/**
 * A sentence about a setting without its full stop, such as `PORT is "abc", it has to be a number from 1 to 65535`.
 * @param value as it stands in the environment; shown as `***` where it may hold a secret
 * @param complaint what follows the value
 */
export function configProblem(name: string, value: string, complaint: string): string {
  return `${name} is ${shown(name, value)}, ${complaint}`;
}

/** A sentence about a value that the schema of its setting refuses. */
export function refusedValue(name: string, value: string): string {
  return configProblem(name, value, `it has to be ${fieldOf(name)?.allowed ?? 'something else'}`);
}

/** Most complaints that are shown. A list with thousands of bad entries mostly has the same mistake in each. */
const MAX_PROBLEMS = 20;

/**
 * Describes what is wrong with a value that is a list, or with the file that it names, in a sentence for each of `complaints`.
 * @param complaints such as `prices.none is not known`
 */
export function problemsIn(name: string, value: string, complaints: readonly string[]): readonly string[] {
  const told = complaints
    .slice(0, MAX_PROBLEMS)
    .map((complaint) => configProblem(name, value, `but ${complaint.replaceAll(/\/\/[^"/]*@/g, '//***@')}`));
  const rest = complaints.length - told.length;
  return rest > 0 ? [...told, configProblem(name, value, `and has ${rest} more problems`)] : told;
}

function shown(name: string, value: string): string {
  return quoted(fieldOf(name)?.isSecret === true ? '***' : withoutCredentials(value));
}

const fieldOf = (name: string): ConfigField | undefined =>
  (configFields as Readonly<Record<string, ConfigField | undefined>>)[name];

/** Hides what may be credentials: user and password before an `@`, tokens after a `?`. */
const withoutCredentials = (value: string): string =>
  value.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^]*@/i, '$1***@').replace(/\?[^]*$/, '?***');

/** Quotes a text as JSON, so that control characters do not reach the terminal, and shortens it. */
function quoted(text: string): string {
  const characters = [...text];
  return JSON.stringify(
    characters.length > MAX_SHOWN_LENGTH ? `${characters.slice(0, MAX_SHOWN_LENGTH).join('')}…` : text,
  );
}
