#!/usr/bin/env node
import { join } from 'node:path';
import { ConfigError, loadConfig } from '../config';
import { runDemo } from '../demo/run-demo';
import type { Role } from './create-service';
import { runKeys } from './keys';
import { start } from './start';
import { runVerify } from './verify';
import { writeDocs } from './write-docs';

const USAGE = `Usage: everfetch <command>

  start    the whole service on this machine (embedded PostgreSQL and Temporal unless addresses are set)
  api      the HTTP API alone     (DATABASE_URL and TEMPORAL_ADDRESS must be set)
  worker   a worker alone         (DATABASE_URL and TEMPORAL_ADDRESS must be set)
  demo     the service, a shop that misbehaves, and 300 URLs; --keep leaves it running
  keys     create <name>, list, revoke <name>, secret <name>: the API keys; "everfetch keys" alone shows the options
  verify   reads every stored page and tells damaged, missing and orphaned ones; "everfetch verify --help" shows the options
  docs     writes .env.example and docs/configuration.md from the configuration schema
`;

const ROLES: Readonly<Record<string, readonly Role[]>> = { start: ['api', 'worker'], api: ['api'], worker: ['worker'] };

async function main([command = '', ...args]: readonly string[]): Promise<number> {
  const roles = ROLES[command];
  if (roles !== undefined) {
    const config = loadConfig(process.env);
    if (command !== 'start' && (config.postgres.url === undefined || config.temporal.address === undefined)) {
      throw new ConfigError(
        `everfetch ${command} needs DATABASE_URL and TEMPORAL_ADDRESS: only "start" brings its own servers.`,
      );
    }
    await start(config, roles, process.env);
    return 0;
  }
  if (command === 'demo') return runDemo({ args, everfetchBin: __filename, env: process.env, stdout: process.stdout });
  if (command === 'keys') return runKeys({ args, env: process.env, stdout: process.stdout, stderr: process.stderr });
  if (command === 'verify')
    return runVerify({ args, env: process.env, stdout: process.stdout, stderr: process.stderr });
  if (command === 'docs') return writeDocs(join(__dirname, '..', '..'), args.includes('--check'));
  process.stderr.write(USAGE);
  return command === '' || command === 'help' || command === '--help' ? 0 : 2;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    // What people can mend has a message of its own; only a bug needs its stack.
    const { name, message, stack } = error as Error;
    const isTheirs = [
      'ConfigError',
      'PortTakenError',
      'DataDirLockedError',
      'TemporalCliNotFoundError',
      'EmbeddedServerError',
    ].includes(name);
    process.stderr.write(`everfetch: ${isTheirs ? message : (stack ?? message)}\n`);
    process.exit(1);
  },
);
