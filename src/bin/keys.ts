import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { loadConfig } from '../config';
import type { Config } from '../config';
import { lockDataDir } from '../embedded/data-dir-lock';
import type { DataDirLock } from '../embedded/data-dir-lock';
import { startEmbeddedPostgres } from '../embedded/postgres';
import { findPostgresBinaries } from '../embedded/postgres-binaries';
import { DEFAULT_KEY_NAME } from '../store/api-keys';
import { createDatabase } from '../store/database';
import type { Database } from '../store/database';
import { createApiKey, listApiKeys, revokeApiKey } from '../store/manage-api-keys';
import type { KeyLimits, ListedKey } from '../store/manage-api-keys';
import { migrate } from '../store/migrate';
import { createLogger } from '../telemetry/logger';
import type { Logger } from '../telemetry/logger';
import { webhookSecretNote } from './webhook-secret-note';

const USAGE = `Usage: everfetch keys <command>

  create <name> [--credits N] [--concurrency N] [--submits-per-second N] [--max-unfinished N]
  list
  revoke <name>
  secret <name> [--rotate]

The database is the one of DATABASE_URL, else the embedded PostgreSQL of DATA_DIR, whether or not the service runs.
`;

export interface KeysOptions {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** The arguments make no sense: exit code 2. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** They do, but it cannot be done: exit code 1. */
class CannotError extends Error {
  override readonly name = 'CannotError';
}

/**
 * `everfetch keys …`: makes, lists and revokes API keys, and shows what their callbacks are signed with. A generated key is
 * printed once; only its hash is kept.
 */
export async function runKeys({ args, env, stdout, stderr }: KeysOptions): Promise<number> {
  try {
    if (args.length === 0 || ['help', '--help', '-h'].includes(args[0] ?? '')) {
      stdout.write(USAGE);
      return 0;
    }
    const run = parseCommand(args);
    const config = loadConfig(env);
    stdout.write(await withDatabase(config, (database) => run(database, config)));
    return 0;
  } catch (error) {
    const { name, message } = error as Error;
    if (name === 'UsageError') {
      stderr.write(`everfetch keys: ${message}\n\n${USAGE}`);
      return 2;
    }
    if (!['CannotError', 'StoreUnavailableError'].includes(name)) throw error;
    stderr.write(`everfetch keys: ${message}\n`);
    return 1;
  }
}

/** What a command does, once there is a database; returns what it prints. */
type Command = (database: Database, config: Config) => Promise<string>;

const OPTIONS = {
  credits: { type: 'string' },
  concurrency: { type: 'string' },
  'submits-per-second': { type: 'string' },
  'max-unfinished': { type: 'string' },
  rotate: { type: 'boolean' },
} as const;

const commandOf = (option: string): string => (option === 'rotate' ? 'secret' : 'create');

const MAX_INTEGER = 2_147_483_647; // of the columns that are `integer`

/** Everything that can be refused without a database is refused here. */
function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  const [command, ...rest] = positionals;
  const foreign = Object.keys(values).find((option) => commandOf(option) !== command);
  if (foreign !== undefined) throw new UsageError(`--${foreign} is an option of "${commandOf(foreign)}".`);
  switch (command) {
    case 'create': {
      const name = onlyName(command, rest);
      assertName(name);
      const limits: KeyLimits = {
        creditLimit: numberOf(values, 'credits', 0, Number.MAX_SAFE_INTEGER),
        maxConcurrency: numberOf(values, 'concurrency', 1, MAX_INTEGER),
        submitsPerSecond: numberOf(values, 'submits-per-second', 1, MAX_INTEGER),
        maxUnfinished: numberOf(values, 'max-unfinished', 1, Number.MAX_SAFE_INTEGER),
      };
      return (database) => create(database, name, limits);
    }
    case 'list':
      if (rest.length > 0) throw new UsageError(`"list" takes no name, but ${quoted(rest[0])} was given.`);
      return async (database) => table(await listApiKeys(database));
    case 'revoke': {
      const name = onlyName(command, rest);
      return (database, config) => revoke(database, name, config);
    }
    case 'secret': {
      const name = onlyName(command, rest);
      return (database) => showSecret(database, name, values.rotate === true);
    }
    default:
      throw new UsageError(command === undefined ? 'no command was given.' : `there is no command ${quoted(command)}.`);
  }
}

type NumberOption = Exclude<keyof typeof OPTIONS, 'rotate'>;
type Values = Readonly<Partial<Record<NumberOption, string>>> & { readonly rotate?: boolean };

function parse(args: readonly string[]): { readonly values: Values; readonly positionals: readonly string[] } {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    return { values: { ...values }, positionals };
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

/** As JSON, so that control characters of an argument do not reach the terminal. */
const quoted = (text: unknown): string => JSON.stringify(text);

function onlyName(command: string, rest: readonly string[]): string {
  const [name, ...more] = rest;
  if (name === undefined) throw new UsageError(`"${command}" needs the name of the key.`);
  if (more.length > 0) throw new UsageError(`"${command}" takes one name; a name with spaces goes in quotes.`);
  return name;
}

function assertName(name: string): void {
  if (!/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,100}$/u.test(name) || name.trim() !== name)
    throw new UsageError(`a name is 1 to 100 printable characters without spaces around them, not ${quoted(name)}.`);
}

function numberOf(values: Values, name: NumberOption, min: number, max: number): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max)
    throw new UsageError(`--${name} must be an integer from ${min} to ${max}, not ${quoted(text)}.`);
  return value;
}

async function create(database: Database, name: string, limits: KeyLimits): Promise<string> {
  const key = await createApiKey(database, name, limits);
  if (key === undefined)
    throw new CannotError(`there is a key named ${quoted(name)} already; a revoked key keeps its name, too.`);
  const note = await webhookSecretNote(database, name);
  return `${key}\n\nThis is the key ${quoted(name)}. Only its hash is stored: it cannot be shown again.\n\n${note ?? ''}`;
}

async function showSecret(database: Database, name: string, isRotation: boolean): Promise<string> {
  const note = await webhookSecretNote(database, name, { isRotation });
  if (note === undefined) throw new CannotError(`there is no key named ${quoted(name)}, or it has been revoked.`);
  return note;
}

async function revoke(database: Database, name: string, { apiKey }: Config): Promise<string> {
  const outcome = await revokeApiKey(database, name);
  if (outcome === 'unknown') throw new CannotError(`there is no key named ${quoted(name)}.`);
  if (outcome === 'already-revoked') throw new CannotError(`the key ${quoted(name)} has been revoked before.`);
  const comesBack = name === DEFAULT_KEY_NAME && apiKey !== undefined;
  return (
    `The key ${quoted(name)} is refused from now on. What was submitted with it runs on.\n` +
    (comesBack ? 'API_KEY is set, though: the next start of the service makes that one valid again.\n' : '')
  );
}

const HEADINGS = [
  ...['NAME', 'CREATED', 'REVOKED', 'CREDITS USED', 'CREDIT LIMIT', 'CONCURRENCY', 'SUBMITS/S'],
  ...['UNFINISHED', 'MAX UNFINISHED'],
];

function table(keys: readonly ListedKey[]): string {
  if (keys.length === 0) return 'There are no keys yet.\n';
  const time = (at: Date | undefined) => at?.toISOString().replace(/\.\d+Z$/, 'Z') ?? '-';
  const rows = keys.map((key) => [
    ...[key.name, time(key.createdAt), time(key.revokedAt), key.creditsUsed, key.creditLimit ?? 'none'],
    ...[key.maxConcurrency ?? 'none', key.submitsPerSecond, key.unfinished, key.maxUnfinished],
  ]);
  const lines = [HEADINGS, ...rows].map((row) => row.map(String));
  const widths = HEADINGS.map((_heading, column) => Math.max(...lines.map((line) => [...(line[column] ?? '')].length)));
  const padded = (text: string, column: number) => text + ' '.repeat((widths[column] ?? 0) - [...text].length);
  return lines.map((line) => `${line.map(padded).join('  ').trimEnd()}\n`).join('');
}

/** Runs `work` with the database of the installation, brought up to date, whether or not the service runs. */
export async function withDatabase<T>(config: Config, work: (database: Database) => Promise<T>): Promise<T> {
  const logger = createLogger(config.logLevel === 'silent' ? 'silent' : 'warn');
  const opened = await openDatabase(config, logger);
  try {
    const database = createDatabase(opened.url, { logger, maxConnections: 1 });
    try {
      await migrate(database);
      return await work(database);
    } finally {
      await database.close();
    }
  } finally {
    await opened.close();
  }
}

interface Opened {
  readonly url: string;
  readonly close: () => Promise<void>;
}

const PATIENCE_MS = 20_000;

/** The database of `DATABASE_URL`, of the service that runs on this folder, or, when none does, our own for a moment. */
async function openDatabase({ postgres, dataDir }: Config, logger: Logger): Promise<Opened> {
  if (postgres.url !== undefined) return { url: postgres.url, close: () => Promise.resolve() };
  await mkdir(dataDir, { recursive: true });
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await startOwn(dataDir, await lockDataDir(dataDir), logger);
    } catch (error) {
      if ((error as Error).name !== 'DataDirLockedError') throw error;
      const url = runningUrl(dataDir);
      if (url !== undefined) return { url, close: () => Promise.resolve() };
      // Whoever holds the lock may be starting or stopping.
      if (Date.now() > deadline)
        throw new CannotError(
          `an everfetch works on ${dataDir}, but no embedded PostgreSQL runs there. ` +
            'If it has a DATABASE_URL, give this command the same one.',
          { cause: error },
        );
      await sleep(200);
    }
  }
}

async function startOwn(dataDir: string, lock: DataDirLock, logger: Logger): Promise<Opened> {
  try {
    // On a free port: the service's own may be taken by another installation, which is no reason not to go on.
    const server = await startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres'), logger });
    const close = async (): Promise<void> => {
      await server.stop();
      await lock.release();
    };
    return { url: server.url, close };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * Where the embedded PostgreSQL of another process listens, from the files that it and its starter keep; undefined
 * unless it is ready. https://www.postgresql.org/docs/18/storage-file-layout.html: line 4 of postmaster.pid is the
 * port, line 8 the state.
 */
function runningUrl(dataDir: string): string | undefined {
  const given = join(dataDir, 'postgres');
  try {
    const pointer = join(given, 'location');
    const dir = existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : given;
    const [major = ''] = findPostgresBinaries(undefined).version.split('.');
    const lines = readFileSync(join(dir, major, 'postmaster.pid'), 'utf8').split('\n');
    if (lines[7]?.trim() !== 'ready') return undefined;
    const password = readFileSync(join(dir, 'password'), 'utf8').trim();
    return `postgres://everfetch:${password}@127.0.0.1:${Number(lines[3])}/everfetch`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'EACCES')
      throw new CannotError(`the files of the database in ${given} may not be read: run this as the service's user.`, {
        cause: error,
      });
    throw error;
  }
}
