import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { CliError, fileError } from './cli-error';

export type Env = Readonly<Record<string, string | undefined>>;

/** What `everfetch login` keeps. */
export interface SavedLogin {
  readonly url: string;
  readonly apiKey: string;
}

const given = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

/** Path of the file in the place that the platform has for settings of programs. */
export function configFilePath(env: Env, platform: NodeJS.Platform = process.platform): string {
  const home = given(env['HOME']) ?? given(env['USERPROFILE']) ?? homedir();
  const folder =
    given(env['XDG_CONFIG_HOME']) ??
    (platform === 'win32'
      ? (given(env['APPDATA']) ?? join(home, 'AppData', 'Roaming'))
      : platform === 'darwin'
        ? join(home, 'Library', 'Application Support')
        : join(home, '.config'));
  return join(folder, 'everfetch', 'config.json');
}

/** @returns undefined when nobody has logged in. @throws CliError when the file cannot be read or is not what it should be */
export function readSavedLogin(path: string): SavedLogin | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw fileError('the saved login cannot be read from', path, error);
  }
  const saved = parsed(text);
  if (saved === undefined)
    throw new CliError('file', `${path} is not what "everfetch login" writes; remove it, and log in again.`);
  return saved;
}

function parsed(text: string): SavedLogin | undefined {
  try {
    const { url, apiKey } = JSON.parse(text) as Partial<Record<keyof SavedLogin, unknown>>;
    return typeof url === 'string' && typeof apiKey === 'string' ? { url, apiKey } : undefined;
  } catch {
    return undefined;
  }
}

/** Writes the file so that only its owner can read it, even while it is being written. */
export function saveLogin(path: string, login: SavedLogin): void {
  const draft = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(draft, `${JSON.stringify(login, undefined, 2)}\n`, { mode: 0o600 });
    chmodSync(draft, 0o600); // a draft that was left over keeps its mode otherwise
    renameSync(draft, path);
  } catch (error) {
    throw fileError('the login cannot be saved to', path, error);
  }
}
