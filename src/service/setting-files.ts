import { readFile } from 'node:fs/promises';
import { ConfigError } from '../config/config';
import type { Config } from '../config/config';
import { problemsIn, configProblem } from '../config/config-problem';
import { ProxyListError, parseProxies } from '../fetch/proxies/parse-proxies';
import type { Proxy } from '../fetch/proxies/proxy';
import { PriceTableError, createPriceList, parsePriceTable } from '../jobs/prices';
import type { PriceList } from '../jobs/prices';

/**
 * Loads the prices of this installation: the default table with the changes of the owner's file.
 * @param file undefined when there is none
 * @throws ConfigError naming the file and the path of every problem in it
 */
export async function loadPriceList(file: string | undefined): Promise<PriceList> {
  if (file === undefined) return createPriceList();
  const text = await readSettingFile('PRICE_FILE', file);
  try {
    return createPriceList(parsePriceTable(text));
  } catch (error) {
    if (!(error instanceof PriceTableError)) throw error;
    const lines = error.problems.map(({ path, message }) => `${path === '' ? 'the table' : path} ${message}`);
    throw new ConfigError(problemsIn('PRICE_FILE', file, lines), { cause: error });
  }
}

/**
 * Loads the owner's proxies; returns none when there is no list.
 * @throws ConfigError naming every problem of the list, but quoting nothing from it, because it holds passwords
 */
export async function loadProxies({
  proxies,
  proxyFile,
}: Pick<Config['outbound'], 'proxies' | 'proxyFile'>): Promise<readonly Proxy[]> {
  const setting = proxyFile === undefined ? 'PROXIES' : 'PROXY_FILE';
  const text = proxyFile === undefined ? (proxies ?? '') : await readSettingFile('PROXY_FILE', proxyFile);
  try {
    return parseProxies(text);
  } catch (error) {
    if (!(error instanceof ProxyListError)) throw error;
    throw new ConfigError(problemsIn(setting, proxyFile ?? text, error.problems), { cause: error });
  }
}

/**
 * Reads the file that a setting names.
 * @throws ConfigError naming the setting and the file
 */
export async function readSettingFile(setting: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const complaint = `which cannot be read (${code ?? 'unknown error'})`;
    throw new ConfigError([configProblem(setting, file, complaint)], { cause: error });
  }
}
