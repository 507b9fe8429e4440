import { ConfigError } from '../config/config';
import { problemsIn } from '../config/config-problem';
import type { Config } from '../config/config';
import { ProxyListError, parseProxies } from '../fetch/proxies/parse-proxies';
import type { Proxy } from '../fetch/proxies/proxy';
import { readSettingFile } from './read-setting-file';

/**
 * The owner's proxies; none when there is no list.
 * @throws ConfigError naming every problem of the list, and nothing that stands in it
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
