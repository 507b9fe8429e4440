import { CommanderError } from 'commander';
import { CliError, cliReportOf } from './cli-error';
import { brokenPipe, createContext } from './context';
import type { CliContext, CliStreams } from './context';
import { globalOptionsOf } from './command';
import type { Run } from './command';
import { cliExitCodes } from './exit-codes';
import { createProgram } from './program';
import { serviceCommands } from './service-commands';
import { printable } from './terminal';

/** Whether there is such a command here; those of the service are not. */
export function isCliCommand(name: string): boolean {
  const program = createProgram(async () => undefined, { writeOut: () => undefined, columns: undefined });
  const isOfService = serviceCommands.some((command) => command.name === name);
  return name === 'help' || (!isOfService && program.commands.some((command) => command.name() === name));
}

/** Runs a command that talks to a service. Whatever goes wrong is one line on stderr and an exit code. @returns the exit code */
export async function runCli(args: readonly string[], streams: CliStreams): Promise<number> {
  const { stdout, stderr } = streams;
  const gone = new AbortController();
  const onError = (error: NodeJS.ErrnoException) => gone.abort(error.code === 'EPIPE' ? brokenPipe() : error);
  stdout.on('error', onError);
  const signal = AbortSignal.any([streams.signal, gone.signal]);
  let code: number = cliExitCodes.done.code;
  let context: CliContext | undefined;
  const run: Run = async (command, work) => {
    context = createContext({ ...streams, signal }, globalOptionsOf(command));
    code = await work(context);
  };
  const program = createProgram(run, { writeOut: (text) => void stdout.write(text), columns: columnsOf(stdout) });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    const report = reportOf(error, { context, streams, signal });
    if (report.line !== '') stderr.write(`everfetch: ${report.line}\n`);
    return report.code;
  } finally {
    stdout.off('error', onError);
  }
}

const columnsOf = (stream: CliStreams['stdout']): number | undefined =>
  stream.isTTY === true ? stream.columns : undefined;

interface Circumstances {
  readonly context: CliContext | undefined;
  readonly streams: CliStreams;
  readonly signal: AbortSignal;
}

function reportOf(
  error: unknown,
  { context, streams, signal }: Circumstances,
): { readonly code: number; readonly line: string } {
  if (error instanceof CommanderError) return commanderReport(error);
  // Whatever an interrupted command threw, the interruption is why.
  const cause = streams.signal.aborted
    ? new CliError('interrupted', 'interrupted.')
    : signal.aborted
      ? (signal.reason as unknown)
      : error;
  const { code, line } = cliReportOf(cause, context?.connection.url ?? '');
  if (code === cliExitCodes.bug.code) return { code, line };
  const sentence = /[.!?]$/.test(line) ? line : `${line}.`;
  const comeBack = context?.hint.comeBack;
  const isEnough = code === cliExitCodes.usage.code || code === cliExitCodes.wrongKey.code;
  return { code, line: printable(comeBack === undefined || isEnough ? sentence : `${sentence} ${comeBack}`) };
}

/** What is wrong with the arguments, in one line; help and version are no errors. */
function commanderReport({ code, message, exitCode }: CommanderError): {
  readonly code: number;
  readonly line: string;
} {
  if (exitCode === 0 || code === 'commander.help') return { code: cliExitCodes.done.code, line: '' };
  const [first = '', ...rest] = message
    .replace(/^error: /, '')
    .split('\n')
    .filter((line) => line !== '');
  const suggestion = rest.map((line) => line.replace(/^\((.*)\)$/, '$1')).join(' ');
  return {
    code: cliExitCodes.usage.code,
    line: printable(`${first}${/[.!?]$/.test(first) ? '' : '.'}${suggestion === '' ? '' : ` ${suggestion}`}`),
  };
}
