#!/usr/bin/env node
import { packageVersion } from '../service/package-version';
import type { Role } from '../service/shared-parts';
import { exitCodes, reportOf } from './exit-codes';
import { loadUsableConfig } from '../service/problems-of-use';
import { showWarningsInOneLine } from './one-line-warnings';
import { readEnvFile } from './read-env-file';

const USAGE = `Usage: everfetch <command>

  start    the whole service on this machine (embedded PostgreSQL and Temporal unless addresses are set)
  api      the HTTP API alone     (DATABASE_URL and TEMPORAL_ADDRESS must be set)
  worker   a worker alone         (DATABASE_URL and TEMPORAL_ADDRESS must be set)
  demo     the service, a shop that misbehaves, and 300 URLs; --keep leaves it running
  keys     create <name>, list, revoke <name>, secret <name>: the API keys; "everfetch keys" alone shows the options
  mcp      the tools of the Model Context Protocol on stdin and stdout, for the service at EVERFETCH_URL
  --version
  doctor   checks the installation and what is around it, and says how to mend it; "everfetch doctor --help" shows the options
  temporal setup: adds to the Temporal of TEMPORAL_ADDRESS what its list of workflows can be filtered by
  verify   reads every stored page and tells damaged, missing and orphaned ones; "everfetch verify --help" shows the options
`;

const ROLES = { start: ['api', 'worker'], api: ['api'], worker: ['worker'] } as const satisfies Readonly<
  Record<string, readonly Role[]>
>;
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
  if (isHelp(command) || command === '') return usage(command === '' ? stderr : stdout);
  if (isRole(command) && isHelp(args[0])) return usage(stdout);
  if (command === 'mcp') {
    const [{ runMcp }, { Everfetch }] = [await import('../mcp/run-mcp.js'), await import('../client/index.js')];
    await runMcp({ client: new Everfetch(), version: packageVersion(), stdin: process.stdin, stdout });
    return exitCodes.done;
  }
  if (!isFurtherWorker(env)) for (const line of readEnvFile(process.cwd(), env)) stderr.write(`everfetch: ${line}\n`);
  if (command === 'keys') return (await import('./keys.js')).runKeys({ args, env, stdout, stderr });
  if (command === 'doctor')
    return (await import('../cli/doctor/run-doctor.js')).runDoctor({ args, env, stdout, stderr });
  if (command === 'temporal') return (await import('./temporal.js')).runTemporal({ args, env, stdout, stderr });
  if (command === 'verify') return (await import('./verify.js')).runVerify({ args, env, stdout, stderr });
  if (!isRole(command)) return wrongUsage(`there is no command ${JSON.stringify(command)}.`);
  if (args.length > 0)
    return wrongUsage(
      `${command} takes no arguments, but ${JSON.stringify(args[0])} was given; settings are environment variables.`,
    );
  const config = await loadUsableConfig(env, { command });
  const { start } = await import('../service/start.js');
  await start({ config, roles: ROLES[command], env, everfetchBin: __filename });
  return exitCodes.done;
}

function usage(stream: NodeJS.WritableStream): number {
  stream.write(USAGE);
  return exitCodes.done;
}

function wrongUsage(message: string): number {
  process.stderr.write(`everfetch: ${message}\n\n${USAGE}`);
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
