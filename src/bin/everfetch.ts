#!/usr/bin/env node
import { packageVersion } from '../service/package-version';
import type { Role } from '../service/shared-parts';
import { exitCodes, reportOf } from './exit-codes';
import { showWarningsInOneLine } from './one-line-warnings';
import { stopSignal } from './stop-signal';

const ROLES = { start: ['api', 'worker'], api: ['api'], worker: ['worker'] } as const satisfies Readonly<
  Record<string, readonly Role[]>
>;

interface OwnRun {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** Commands that use the settings of the service, and parse their arguments themselves. */
const OWN: Readonly<Record<string, (run: OwnRun) => Promise<number>>> = {
  doctor: async (run) => (await import('../cli/doctor/run-doctor.js')).runDoctor(run),
  keys: async (run) => (await import('./keys.js')).runKeys(run),
  temporal: async (run) => (await import('./temporal.js')).runTemporal(run),
  verify: async (run) => (await import('./verify.js')).runVerify(run),
};

const isRole = (command: string): command is keyof typeof ROLES => Object.hasOwn(ROLES, command);
/** Whether another everfetch has started this process, with its own settings. */
const isFurtherWorker = (env: NodeJS.ProcessEnv): boolean => env['EVERFETCH_WORKER_NUMBER'] !== undefined;
const isHelp = (word: string | undefined): boolean => ['help', '--help', '-h'].includes(word ?? '');

/** Runs a command. Each loads its own modules, because those of a worker take a second, and a wrong setting should be reported at once. */
async function main([command = '', ...args]: readonly string[]): Promise<number> {
  const { env, stdout, stderr } = process;
  if (command === '--version' || command === '-v') {
    stdout.write(`${packageVersion()}\n`);
    return exitCodes.done;
  }
  if (command === 'demo')
    return (await import('../demo/run-demo.js')).runDemo({ args, everfetchBin: __filename, env, stdout });
  const own = Object.hasOwn(OWN, command) ? OWN[command] : undefined;
  if (own === undefined && !isRole(command)) return runHands(command, args);
  if (isRole(command) && isHelp(args[0])) return runHands('--help', []);
  const { readEnvFile } = await import('./read-env-file.js');
  if (!isFurtherWorker(env)) for (const line of readEnvFile(process.cwd(), env)) stderr.write(`everfetch: ${line}\n`);
  if (own !== undefined) return own({ args, env, stdout, stderr });
  if (!isRole(command)) return unknownCommand(command);
  if (args.length > 0)
    return wrongUsage(
      `${command} takes no arguments, but ${JSON.stringify(args[0])} was given; settings are environment variables.`,
    );
  const { loadUsableConfig } = await import('../service/problems-of-use.js');
  const config = await loadUsableConfig(env, { command });
  const { start } = await import('../service/start.js');
  await start({ config, roles: ROLES[command], env, everfetchBin: __filename });
  return exitCodes.done;
}

/** Runs a command that talks to a service over HTTP. It takes nothing from the settings of a service that may be on this machine, too. */
async function runHands(command: string, args: readonly string[]): Promise<number> {
  const { env, stdin, stdout, stderr } = process;
  const { isCliCommand, runCli } = await import('../cli/run-cli.js');
  if (!isHelp(command) && command !== '' && !isCliCommand(command)) return unknownCommand(command);
  const given = command === '' ? ['--help'] : [command, ...args];
  const code = await runCli(given, { env, stdin, stdout, stderr, signal: stopSignal() });
  // What was written to a pipe may be on its way still, where writing to pipes is asynchronous.
  await new Promise<void>((resolve) => stdout.write('', () => resolve()));
  return code;
}

const unknownCommand = (command: string): number => wrongUsage(`there is no command ${JSON.stringify(command)}.`);

function wrongUsage(message: string): number {
  process.stderr.write(
    `everfetch: ${message}\n\nUsage: everfetch <command> [options]; "everfetch --help" shows the commands.\n`,
  );
  return exitCodes.usage;
}

showWarningsInOneLine();
main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    const { code, text } = reportOf(error);
    process.stderr.write(`everfetch: ${text}\n`);
    process.exit(code);
  },
);
