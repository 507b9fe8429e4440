import { PassThrough } from 'node:stream';
import type { Env } from '../../src/cli/config-file';
import { runCli } from '../../src/cli/run-cli';

export interface CliRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Env;
  readonly stdin?: string;
  /** Columns of a terminal; undefined for a pipe. */
  readonly columns?: number;
  readonly signal?: AbortSignal;
  /** Is told what stderr has got so far. */
  readonly onStderr?: (text: string) => void;
  /** Is told what stdout has got so far. */
  readonly onStdout?: (text: string) => void;
}

/** Runs `everfetch <args>` in this process, for what does not depend on having one of its own. */
export async function runCliHere(
  args: readonly string[],
  { env = {}, stdin = '', columns, signal, onStderr, onStdout }: CliOptions = {},
): Promise<CliRun> {
  const stream = (onText?: (text: string) => void) => {
    const terminal = columns === undefined ? {} : { isTTY: true, columns };
    const output = Object.assign(new PassThrough(), terminal);
    let text = '';
    output.on('data', (part: Buffer) => {
      text += part.toString();
      onText?.(text);
    });
    return { output, text: () => text };
  };
  const [out, err] = [stream(onStdout), stream(onStderr)];
  const input = new PassThrough();
  input.end(stdin);
  const streams = { env, stdin: input, stdout: out.output, stderr: err.output };
  const code = await runCli(args, { ...streams, signal: signal ?? new AbortController().signal });
  return { code, stdout: out.text(), stderr: err.text() };
}

/** The JSON values of an output that has one on each line. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export const jsonLines = (text: string): any[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));
