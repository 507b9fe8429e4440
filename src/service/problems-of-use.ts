import { resolve } from 'node:path';
import { Client } from 'pg';
import { ConfigError, isSet, problemsOfEnv, settingOf, loadConfig } from '../config/config';
import type { Env, Config } from '../config/config';
import { configProblem, problemsIn } from '../config/config-problem';
import { findTemporalCli } from '../embedded/temporal-cli';
import { findBrowser } from '../fetch/browser/find-browser';
import { allowListProblems } from '../net/allow-list';
import { hostRuleProblems } from '../scheduling/pacing/parse-host-rules';
import { problemsOfSdk } from './create-segment-store';
import { problemsOfDataDir } from './data-dir';
import { loadPriceList, loadProxies } from './setting-files';
import { problemsOfPorts } from './problems-of-ports';

export interface Use {
  /** Command of the program `everfetch`. `keys` needs only the database, `temporal` only Temporal. */
  readonly command: ServiceCommand | 'keys' | 'verify' | 'temporal';
}

/** Commands that run the service; the others need less of it. */
type ServiceCommand = 'start' | 'api' | 'worker';
const runsService = (command: Use['command']): command is ServiceCommand =>
  ['start', 'api', 'worker'].includes(command);

/**
 * Finds every problem of the configuration for a command, in a sentence each: problems of the environment, and of the files, programs,
 * folders and addresses that it names. Nothing is created or changed.
 */
export async function problemsOfUse(env: Env, { command }: Use): Promise<readonly string[]> {
  const valueOf = (name: Parameters<typeof settingOf>[1]): string => settingOf(env, name) ?? '';
  const problems = [...problemsOfEnv(env), ...problemsOfDatabaseUrl(valueOf('DATABASE_URL'))];
  if (runsService(command)) {
    problems.push(
      ...problemsIn(
        'ALLOW_PRIVATE_TARGETS',
        valueOf('ALLOW_PRIVATE_TARGETS'),
        allowListProblems(valueOf('ALLOW_PRIVATE_TARGETS')),
      ),
      ...problemsIn('HOST_LIMITS', valueOf('HOST_LIMITS'), hostRuleProblems(valueOf('HOST_LIMITS'))),
      ...(await problemsThrownBy(() => loadProxies({ proxies: env['PROXIES'], proxyFile: undefined }))),
      ...(await problemsThrownBy(() => loadProxies({ proxies: undefined, proxyFile: env['PROXY_FILE'] || undefined }))),
      ...(await problemsThrownBy(() => loadPriceList(env['PRICE_FILE'] || undefined))),
      ...(isSet(env, 'S3_BUCKET') ? problemsOfSdk() : []),
      ...(command === 'api' ? [] : problemsOfBrowser(valueOf('BROWSER'))),
      ...(command === 'start' ? problemsOfCli(env) : problemsOfServers(env, command)),
      ...(await problemsOfPorts(env, command)),
    );
  }
  const isWithoutFolder =
    command === 'temporal' ||
    (isSet(env, 'DATABASE_URL') &&
      (!runsService(command) || (isSet(env, 'TEMPORAL_ADDRESS') && isSet(env, 'S3_BUCKET'))));
  if (!isWithoutFolder) problems.push(...(await problemsOfDataDir(resolve(valueOf('DATA_DIR')))));
  return problems;
}

/** Says so if the browser that the setting names does not exist. The schema has already refused values that are no path. */
export function problemsOfBrowser(setting: string): readonly string[] {
  if (!/^(\/|[A-Za-z]:\\|(ws|http)s?:\/\/)/.test(setting) || findBrowser(setting) !== undefined) return [];
  const complaint = 'but there is no program at that path, or the package playwright-core is not installed';
  return [configProblem('BROWSER', setting, complaint)];
}

/** Checks that the commands without embedded servers have the addresses of servers. */
const problemsOfServers = (env: Env, command: string): readonly string[] =>
  ['DATABASE_URL', 'TEMPORAL_ADDRESS']
    .filter((name) => !isSet(env, name))
    .map(
      (name) => `${name} is not set, everfetch ${command} needs it: only "everfetch start" brings servers of its own`,
    );

/** Creates a client to find problems of the address: only then does `pg` decode it and read the files that it names. */
function problemsOfDatabaseUrl(url: string): readonly string[] {
  if (!/^postgres(ql)?:\/\//.test(url)) return []; // unset, or refused by the schema
  try {
    new Client({ connectionString: url });
    return [];
  } catch (error) {
    const { code, path, message } = error as NodeJS.ErrnoException;
    const why = path === undefined ? message : `the file ${path} that it names cannot be read (${code ?? message})`;
    return [configProblem('DATABASE_URL', url, `but ${why.includes(url) ? 'it is not an address' : why}`)];
  }
}

/** Checks that the program that the setting names is the Temporal CLI. If none is named, the start says what it tried. */
function problemsOfCli(env: Env): readonly string[] {
  if (!isSet(env, 'TEMPORAL_CLI') || isSet(env, 'TEMPORAL_ADDRESS')) return [];
  try {
    findTemporalCli(env);
    return [];
  } catch (error) {
    const [tried = ''] = (error as { readonly tried?: readonly string[] }).tried ?? [String(error)];
    const why = tried.replace(/^TEMPORAL_CLI=[^]*: /, '');
    return [
      configProblem('TEMPORAL_CLI', env['TEMPORAL_CLI'] ?? '', `but ${why}; it has to be the Temporal CLI, or unset`),
    ];
  }
}

async function problemsThrownBy(load: () => Promise<unknown>): Promise<readonly string[]> {
  try {
    await load();
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems;
  }
}

/**
 * Loads the configuration after all of it has been checked, before anything is started or created.
 * @throws ConfigError naming every problem of the environment and of what it names
 */
export async function loadUsableConfig(env: Env, use: Use): Promise<Config> {
  const problems = await problemsOfUse(env, use);
  if (problems.length > 0) throw new ConfigError(problems);
  return loadConfig(env);
}
