import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import type { Figures, ScriptName } from './figures';
import type { Machine, Versions } from './machine';

/** One script's figures, with what they hold for: the scripts may be run on different days. */
export interface Result<Name extends ScriptName> {
  readonly measuredAt: string;
  readonly machine: Machine;
  readonly versions: Versions;
  readonly figures: Figures[Name];
}

export type Results = { readonly [Name in ScriptName]?: Result<Name> };

export function readResults(path: string): Results {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Results) : {};
}

export async function writeResults(path: string, results: Results): Promise<void> {
  const text = JSON.stringify(results, (_key, value: unknown) => (typeof value === 'number' ? rounded(value) : value));
  writeFileSync(path, await format(text, { ...(await resolveConfig(path)), parser: 'json' }));
}

/** Four significant digits are more than any of this is worth. */
const rounded = (value: number): number => (Number.isInteger(value) ? value : Number(value.toPrecision(4)));
