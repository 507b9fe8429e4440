import { parseArgs } from 'node:util';
import { parseUrl } from '../../net/parse-url';
import { checkBrowser } from './check-browser';
import { checkClock } from './check-clock';
import { checkDisk } from './check-disk';
import { checkDns } from './check-dns';
import { checkOpenFiles } from './check-open-files';
import { checkPages } from './check-pages';
import { checkPostgres } from './check-postgres';
import { checkProxies } from './check-proxies';
import { checkService } from './check-service';
import { checkSettings } from './check-settings';
import { checkTemporal } from './check-temporal';
import { explained } from './explained';
import { checkNames } from './finding';
import type { CheckName, Finding, State } from './finding';
import { placeOf } from './place';
import type { Place } from './place';

const USAGE = `Usage: everfetch doctor [--json] [--target <url>]

  --json           each finding as JSON, one a line
  --target <url>   a page of a site that targets are like; its name is looked up, and proxies are asked for it
                   (https://example.com/)

Checks the installation whose settings are here, and the service that answers: settings, service, PostgreSQL, Temporal, bucket,
disk, open files, browser, each proxy, clock, names. It says how to mend what does not work, and changes nothing.
Exit code 0: nothing fails, there may be warnings; 2: something fails; 1: the arguments are wrong.

  everfetch doctor --target https://shop.example/
`;

/** As the other commands have them: docs/cli.md. */
const exitCodes = { done: 0, usage: 1, fails: 2 } as const;

export interface DoctorOptions {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** Runs `everfetch doctor`: each check in turn, whatever became of those before it. @returns the exit code */
export async function runDoctor({ args, env, stdout, stderr }: DoctorOptions): Promise<number> {
  const asked = parse(args);
  if (typeof asked === 'string') {
    (asked === '' ? stdout : stderr).write(asked === '' ? USAGE : `everfetch doctor: ${asked}\n\n${USAGE}`);
    return asked === '' ? exitCodes.done : exitCodes.usage;
  }
  const place = placeOf(env, asked.target);
  const counts: Record<State, number> = { ok: 0, warn: 0, fail: 0 };
  for (const name of checkNames) {
    for (const finding of await findingsOf(name, place)) {
      counts[finding.state] += 1;
      stdout.write(asked.isJson ? `${JSON.stringify(finding)}\n` : textOf(finding));
    }
  }
  if (!asked.isJson) stdout.write(`\n${summaryOf(counts)}\n`);
  return counts.fail > 0 ? exitCodes.fails : exitCodes.done;
}

/** What a check throws is a finding, too: the checks behind it are made all the same. */
async function findingsOf(name: CheckName, place: Place): Promise<readonly Finding[]> {
  try {
    return await run(name, place);
  } catch (error) {
    return [explained(name, error)];
  }
}

async function run(name: CheckName, place: Place): Promise<readonly Finding[]> {
  if (name === 'settings') return checkSettings(place);
  if (name === 'service') return checkService(place);
  if (name === 'clock') return checkClock(place);
  if (name === 'dns') return checkDns(place);
  const { config, env, target } = place;
  if (config === undefined) return []; // the check of the settings says why
  switch (name) {
    case 'postgres':
      return checkPostgres(config);
    case 'temporal':
      return checkTemporal(config, env);
    case 'pages':
      return checkPages(config);
    case 'disk':
      return checkDisk(config);
    case 'open-files':
      return checkOpenFiles(config);
    case 'browser':
      return checkBrowser(config);
    case 'proxies':
      return checkProxies(config, target);
  }
}

interface Asked {
  readonly isJson: boolean;
  readonly target: URL;
}

/** Parses the arguments. @returns a text when they are wrong, which is empty when they ask for help */
function parse(args: readonly string[]): Asked | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean' },
        target: { type: 'string', default: 'https://example.com/' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) return '';
    const target = urlOf(values.target);
    if (target === undefined)
      return `--target must be a URL like https://example.com/, not ${JSON.stringify(values.target)}.`;
    return { isJson: values.json === true, target };
  } catch (error) {
    return (error as Error).message;
  }
}

function urlOf(text: string): URL | undefined {
  const url = parseUrl(text);
  return url !== undefined && /^https?:$/.test(url.protocol) ? url : undefined;
}

function textOf({ check, state, message, mend }: Finding): string {
  const line = `${state.padEnd(4)}  ${check.padEnd(10)}  ${message}\n`;
  return mend === undefined ? line : `${line}${' '.repeat(18)}→ ${mend}\n`;
}

function summaryOf({ ok, warn, fail }: Readonly<Record<State, number>>): string {
  if (fail > 0) return `${fail} of ${ok + warn + fail} checks fail.`;
  return warn > 0 ? `Nothing fails; ${warn === 1 ? 'one thing' : `${warn} things`} could be better.` : 'All is well.';
}
