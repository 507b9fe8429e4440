#!/usr/bin/env node
import { join } from 'node:path';
import { runDemo } from '../demo/run-demo';
import type { Role } from './create-service';
import { exitCodes, reportOf } from './exit-codes';
import { runKeys } from './keys';
import { loadUsableConfig } from './load-usable-config';
import { start } from './start';
import { writeDocs } from './write-docs';

const USAGE = `Usage: everfetch <command>

  start    the whole service on this machine (embedded PostgreSQL and Temporal unless addresses are set)
  api      the HTTP API alone     (DATABASE_URL and TEMPORAL_ADDRESS must be set)
  worker   a worker alone         (DATABASE_URL and TEMPORAL_ADDRESS must be set)
  demo     the service, a shop that misbehaves, and 300 URLs; --keep leaves it running
  keys     create <name>, list, revoke <name>, secret <name>: the API keys; "everfetch keys" alone shows the options
  docs     writes .env.example and docs/configuration.md from the configuration schema
`;

const ROLES = { start: ['api', 'worker'], api: ['api'], worker: ['worker'] } as const satisfies Readonly<
  Record<string, readonly Role[]>
>;
const isRole = (command: string): command is keyof typeof ROLES => Object.hasOwn(ROLES, command);
const isHelp = (word: string | undefined): boolean => ['help', '--help', '-h'].includes(word ?? '');

async function main([command = '', ...args]: readonly string[]): Promise<number> {
  const { env, stdout, stderr } = process;
  if (command === 'demo') return runDemo({ args, everfetchBin: __filename, env, stdout });
  if (command === 'keys') return runKeys({ args, env, stdout, stderr });
  if (command === '' || isHelp(command) || ((isRole(command) || command === 'docs') && isHelp(args[0]))) {
    (command === '' ? stderr : stdout).write(USAGE);
    return exitCodes.done;
  }
  if (command === 'docs') {
    const foreign = args.find((arg) => arg !== '--check');
    if (foreign !== undefined) return wrongUsage(`docs takes --check only, but ${JSON.stringify(foreign)} was given.`);
    return writeDocs(join(__dirname, '..', '..'), args.includes('--check'));
  }
  if (!isRole(command)) return wrongUsage(`there is no command ${JSON.stringify(command)}.`);
  if (args.length > 0)
    return wrongUsage(
      `${command} takes no arguments, but ${JSON.stringify(args[0])} was given; settings are environment variables.`,
    );
  const config = await loadUsableConfig(env, { command });
  await start({ config, roles: ROLES[command], env });
  return exitCodes.done;
}

function wrongUsage(message: string): number {
  process.stderr.write(`everfetch: ${message}\n\n${USAGE}`);
  return exitCodes.usage;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    const { code, text } = reportOf(error);
    process.stderr.write(`everfetch: ${text}\n`);
    process.exit(code);
  },
);
