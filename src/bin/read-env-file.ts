import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { configFields } from '../config/config-fields';
import { configProblem } from '../config/config-problem';
import { ConfigError } from '../config/config';
import { misspeltSettings } from '../config/misspelt-settings';

type Env = Record<string, string | undefined>;

/**
 * Adds the settings in the file `.env` of a folder to the environment. Settings that the environment already has stay unchanged.
 * @returns lines for the operator: the file that was read, and names that look like misspelt settings
 * @throws ConfigError when the file exists but cannot be read
 */
export function readEnvFile(folder: string, env: Env): readonly string[] {
  const path = resolve(folder, '.env');
  const found = settingsIn(path);
  const added = Object.entries(found).filter(([name]) => env[name] === undefined);
  for (const [name, value] of added) env[name] = value;
  const settings = added.map(([name]) => name).filter((name) => Object.hasOwn(configFields, name));
  return [
    ...(settings.length > 0 ? [`settings are taken from ${path}: ${settings.join(', ')}.`] : []),
    ...misspeltSettings(Object.keys(env)).map(
      ({ name, meant }) => `${name} is not a setting and has no effect; ${meant} is one.`,
    ),
  ];
}

function settingsIn(path: string): Readonly<Record<string, string>> {
  try {
    return parseEnv(readFileSync(path, 'utf8')) as Record<string, string>;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return {};
    throw new ConfigError([configProblem('The file .env', path, `which cannot be read (${code ?? String(error)})`)], {
      cause: error,
    });
  }
}
