import { parseArgs } from 'node:util';
import { isSet } from '../config/config';
import type { Config } from '../config/config';
import type { KeyRecord } from '../jobs/key-object';
import { isKeyName, keyLimitRanges } from '../jobs/key-requests';
import { CannotError } from '../service/errors';
import { loadUsableConfig } from '../service/problems-of-use';
import { withDatabase } from '../service/with-database';
import { DEFAULT_KEY_NAME, findApiKeyByName } from '../store/api-keys';
import type { Database, Queryable } from '../store/database';
import { createApiKey, listApiKeys, revokeApiKey } from '../store/manage-api-keys';
import type { NewKeyOptions } from '../store/manage-api-keys';
import { findWebhookSecrets, rotateWebhookSecret } from '../store/webhook-secrets';
import { exitCodes } from './exit-codes';

const USAGE = `Usage: everfetch keys <command>

  create <name> [--credits N] [--concurrency N] [--submits-per-second N] [--max-unfinished N] [--admin]
  list
  revoke <name>
  secret <name> [--rotate]

An admin key (--admin) sees and manages all keys over HTTP and in the dashboard.
The database is the one of DATABASE_URL, else the embedded PostgreSQL of DATA_DIR, whether or not the service runs.
`;

export interface KeysOptions {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** Thrown when the arguments are wrong. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Runs `everfetch keys …`, which makes, lists and revokes API keys, and shows the secrets that sign their callbacks. A generated key is
 * printed once; only its hash is kept.
 */
export async function runKeys({ args, env, stdout, stderr }: KeysOptions): Promise<number> {
  try {
    if (args.length === 0 || ['help', '--help', '-h'].includes(args[0] ?? '')) {
      stdout.write(USAGE);
      return exitCodes.done;
    }
    const { run, isMaking } = parseCommand(args);
    const config = await loadUsableConfig(env, { command: 'keys' });
    // A key can be made before the first start if the data folder is named, because then it is surely the right one.
    const mayMake = isMaking === true && isSet(env, 'DATA_DIR');
    stdout.write(await withDatabase(config, (database) => run(database, config), { mayMake }));
    return exitCodes.done;
  } catch (error) {
    const { name, message } = error as Error;
    if (name !== 'UsageError') throw error;
    stderr.write(`everfetch keys: ${message}\n\n${USAGE}`);
    return exitCodes.usage;
  }
}

interface Command {
  /** Does the command's work on the database, and returns the text to print. */
  readonly run: (database: Database, config: Config) => Promise<string>;
  /** Whether the command creates something, and so is useful in a new database. */
  readonly isMaking?: boolean;
}

const OPTIONS = {
  credits: { type: 'string' },
  concurrency: { type: 'string' },
  'submits-per-second': { type: 'string' },
  'max-unfinished': { type: 'string' },
  admin: { type: 'boolean' },
  rotate: { type: 'boolean' },
} as const;

const commandOf = (option: string): string => (option === 'rotate' ? 'secret' : 'create');

/** Parses the arguments, and refuses everything that is wrong without the need of a database. */
function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  const [command, ...rest] = positionals;
  const foreign = Object.keys(values).find((option) => commandOf(option) !== command);
  if (foreign !== undefined) throw new UsageError(`--${foreign} is an option of "${commandOf(foreign)}".`);
  switch (command) {
    case 'create': {
      const name = onlyName(command, rest);
      assertName(name);
      const options: NewKeyOptions = {
        isAdmin: values.admin,
        creditLimit: numberOf(values, 'credits', keyLimitRanges.credits),
        maxConcurrency: numberOf(values, 'concurrency', keyLimitRanges.concurrency),
        submitsPerSecond: numberOf(values, 'submits-per-second', keyLimitRanges.submitsPerSecond),
        maxUnfinished: numberOf(values, 'max-unfinished', keyLimitRanges.maxUnfinished),
      };
      return { run: (database) => create(database, name, options), isMaking: true };
    }
    case 'list':
      if (rest.length > 0) throw new UsageError(`"list" takes no name, but ${quoted(rest[0])} was given.`);
      return { run: async (database) => table(await listApiKeys(database)) };
    case 'revoke': {
      const name = onlyName(command, rest);
      return { run: (database, config) => revoke(database, name, config) };
    }
    case 'secret': {
      const name = onlyName(command, rest);
      return { run: (database) => showSecret(database, name, values.rotate === true) };
    }
    default:
      throw new UsageError(command === undefined ? 'no command was given.' : `there is no command ${quoted(command)}.`);
  }
}

type NumberOption = Exclude<keyof typeof OPTIONS, 'admin' | 'rotate'>;
type Values = Readonly<Partial<Record<NumberOption, string>>> & {
  readonly admin?: boolean;
  readonly rotate?: boolean;
};

function parse(args: readonly string[]): { readonly values: Values; readonly positionals: readonly string[] } {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    return { values: { ...values }, positionals };
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

/** Quotes an argument as JSON, so that its control characters do not reach the terminal. */
const quoted = (text: unknown): string => JSON.stringify(text);

function onlyName(command: string, rest: readonly string[]): string {
  const [name, ...more] = rest;
  if (name === undefined) throw new UsageError(`"${command}" needs the name of the key.`);
  if (more.length > 0) throw new UsageError(`"${command}" takes one name; a name with spaces goes in quotes.`);
  return name;
}

function assertName(name: string): void {
  if (!isKeyName(name))
    throw new UsageError(`a name is 1 to 100 printable characters without spaces around them, not ${quoted(name)}.`);
}

function numberOf(
  values: Values,
  name: NumberOption,
  [min, max]: readonly [min: number, max: number],
): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max)
    throw new UsageError(`--${name} must be an integer from ${min} to ${max}, not ${quoted(text)}.`);
  return value;
}

async function create(database: Database, name: string, options: NewKeyOptions): Promise<string> {
  const key = await createApiKey(database, name, options);
  if (key === undefined)
    throw new CannotError(`there is a key named ${quoted(name)} already; a revoked key keeps its name, too.`);
  const note = await webhookSecretNote(database, name);
  const what = options.isAdmin === true ? 'the admin key' : 'the key';
  return `${key}\n\nThis is ${what} ${quoted(name)}. Only its hash is stored: it cannot be shown again.\n\n${note ?? ''}`;
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
  ...['NAME', 'ADMIN', 'CREATED', 'REVOKED', 'CREDITS USED', 'CREDIT LIMIT', 'CONCURRENCY', 'SUBMITS/S'],
  ...['UNFINISHED', 'MAX UNFINISHED'],
];

function table(keys: readonly KeyRecord[]): string {
  if (keys.length === 0) return 'There are no keys yet.\n';
  const time = (at: Date | undefined) => at?.toISOString().replace(/\.\d+Z$/, 'Z') ?? '-';
  const rows = keys.map((key) => [
    ...[
      key.name,
      key.isAdmin ? 'yes' : 'no',
      time(key.createdAt),
      time(key.revokedAt),
      key.creditsUsed,
      key.creditLimit ?? 'none',
    ],
    ...[key.maxConcurrency ?? 'none', key.submitsPerSecond, key.unfinished, key.maxUnfinished],
  ]);
  const lines = [HEADINGS, ...rows].map((row) => row.map(String));
  const widths = HEADINGS.map((_heading, column) => Math.max(...lines.map((line) => [...(line[column] ?? '')].length)));
  const padded = (text: string, column: number) => text + ' '.repeat((widths[column] ?? 0) - [...text].length);
  return lines.map((line) => `${line.map(padded).join('  ').trimEnd()}\n`).join('');
}

/** Describes the secrets that sign the callbacks of a key; undefined when there is no such key or it has been revoked. */
export async function webhookSecretNote(
  database: Queryable,
  name: string,
  { isRotation = false }: { readonly isRotation?: boolean } = {},
): Promise<string | undefined> {
  const key = await findApiKeyByName(database, name);
  if (key === undefined) return undefined;
  const secrets = await (isRotation ? rotateWebhookSecret : findWebhookSecrets)(database, key.id);
  if (secrets === undefined) return undefined;
  const until = secrets.previousValidUntil?.toISOString();
  return (
    `${secrets.current}\n\nCallbacks of the key ${JSON.stringify(name)} are signed with this (https://www.standardwebhooks.com).\n` +
    (until === undefined ? '' : `Until ${until} they are also signed with the secret before it.\n`)
  );
}
