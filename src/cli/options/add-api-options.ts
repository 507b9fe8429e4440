import { readFileSync } from 'node:fs';
import { Option } from 'commander';
import type { Command } from 'commander';
import { fileError, usageError } from '../cli-error';
import { fetchOptions } from './api-options';
import type { ApiOption } from './api-options';

const REPEATED: ReadonlySet<ApiOption['kind']> = new Set(['list', 'headers']);

/** Adds the flags to a command, under a heading of their own in its help. */
export function addApiOptions(command: Command, heading: string, options: readonly ApiOption[]): Command {
  for (const { flags, kind, description, choices } of options) {
    const option = new Option(flags, description).helpGroup(heading);
    if (choices !== undefined) option.choices(choices);
    if (REPEATED.has(kind)) option.argParser((text: string, before?: readonly string[]) => [...(before ?? []), text]);
    command.addOption(option);
  }
  return command;
}

/**
 * Reads the fields of the API from the flags that were given. What was not given is not there, so that the service decides.
 * @throws CliError for a value that cannot be what the field takes
 */
export function fieldsOf(command: Command, options: readonly ApiOption[]): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const option of options) {
    const name = new Option(option.flags).attributeName();
    if (command.getOptionValueSource(name) !== 'cli') continue;
    fields[option.field] = valueOf(option, command.getOptionValue(name));
  }
  return fields;
}

/** Parameters of the fetch. Headers reach the target only with `keep_headers`, so whoever gives some means that. */
export function apiParamsOf(
  command: Command,
  requestFields: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const keep = requestFields['headers'] === undefined ? {} : { keep_headers: true };
  return { ...keep, ...fieldsOf(command, fetchOptions) };
}

function valueOf({ kind, flags }: ApiOption, given: unknown): unknown {
  const flag = flags.replace(/^-\w, | .*$/g, '');
  switch (kind) {
    case 'flag':
      return true;
    case 'off':
      return false;
    case 'text':
    case 'list':
      return given;
    case 'integer':
    case 'number':
      return numberOf(flag, String(given), kind);
    case 'headers':
      return headersOf(flag, given as readonly string[]); // as: `argParser` above has collected them
    case 'content':
      return contentOf(flag, String(given));
    case 'json':
      return jsonOf(flag, contentOf(flag, String(given)));
  }
}

function numberOf(flag: string, text: string, kind: 'integer' | 'number'): number {
  if (/^\d{1,15}$/.test(text) || (kind === 'number' && /^\d{1,15}\.\d{1,6}$/.test(text))) return Number(text);
  throw usageError(`${flag} must be ${kind === 'integer' ? 'an integer' : 'a number'}, not ${JSON.stringify(text)}.`);
}

function headersOf(flag: string, lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/s.exec(line) ?? [];
      if (name === '') throw usageError(`${flag} must be like "Accept-Language: de", not ${JSON.stringify(line)}.`);
      return [name.trim(), value.trim()];
    }),
  );
}

/** A text that begins with `@` names a file, as with curl. */
function contentOf(flag: string, text: string): string {
  if (!text.startsWith('@')) return text;
  const path = text.slice(1);
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw fileError(`${flag} cannot be read from`, path, error);
  }
}

function jsonOf(flag: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usageError(`${flag} is not valid JSON: ${(error as Error).message}.`);
  }
}
