import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { Everfetch } from '../client/index';
import type { Env } from './config-file';
import { CliError } from './cli-error';
import { connectionOf } from './connection';
import type { Connection, GivenConnection } from './connection';
import { paintFor } from './terminal';
import type { MaybeTerminal, Paint } from './terminal';

/** What a command gets from its process. */
export interface CliStreams {
  readonly env: Env;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: MaybeTerminal;
  readonly stderr: MaybeTerminal;
  /** Aborts when the user wants to stop. */
  readonly signal: AbortSignal;
}

/** The options that every command has. */
export interface GlobalOptions extends GivenConnection {
  readonly json?: boolean | undefined;
}

export interface CliContext extends CliStreams {
  readonly connection: Connection;
  readonly client: Everfetch;
  /** The key of `--key`, for `login`, which must not take a saved one. */
  readonly givenKey: string | undefined;
  readonly isJson: boolean;
  /** Colours for stdout. */
  readonly paint: Paint;
  /** Writes to stdout, and waits while its reader is slow. @throws CliError when the reader has gone */
  readonly print: (text: string | Uint8Array) => Promise<void>;
  /** Writes one JSON value on a line of its own. */
  readonly printJson: (value: unknown) => Promise<void>;
  /** What an interrupted command says about how to go on. */
  readonly hint: { comeBack: string | undefined };
  /** Writes a line for people to stderr; it must not contain what is to be processed further. */
  readonly say: (line: string) => void;
}

export function createContext(streams: CliStreams, given: GlobalOptions): CliContext {
  const { env, stdout, stderr } = streams;
  const connection = connectionOf(given, env);
  const { url, apiKey } = connection;
  const print = async (text: string | Uint8Array) => {
    if (!stdout.writable) throw brokenPipe();
    if (!stdout.write(text)) await once(stdout, 'drain', { signal: streams.signal });
  };
  return {
    ...streams,
    connection,
    // Commands that wait try again for much longer by themselves; the others should say soon that there is no service. An empty key is answered with 401, as a wrong one is; undefined would let the client look elsewhere.
    client: new Everfetch({ url, apiKey: apiKey ?? '', maxRetries: 2 }),
    givenKey: given.key,
    isJson: given.json === true,
    paint: paintFor(stdout, env),
    hint: { comeBack: undefined },
    print,
    printJson: (value) => print(`${JSON.stringify(value)}\n`),
    say: (line) => void stderr.write(`${line}\n`),
  };
}

export const brokenPipe = (): CliError => new CliError('brokenPipe', 'the reader of the output has gone.');
