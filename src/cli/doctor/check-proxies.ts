import { dialThrough } from '../../fetch/proxies/dial-through';
import { ProxyError } from '../../fetch/proxies/proxy';
import type { Proxy } from '../../fetch/proxies/proxy';
import type { Config } from '../../config/config';
import { loadProxies } from '../../service/setting-files';
import { fail, ok, warn } from './finding';
import type { Finding } from './finding';

const check = 'proxies';
const AT_ONCE = 16;
const WITHIN_MS = 10_000;

/** Opens a tunnel to the target through each proxy, and closes it again. */
export async function checkProxies({ outbound }: Config, target: URL): Promise<readonly Finding[]> {
  const proxies = (await loadProxies(outbound)).filter(({ kind }) => kind !== 'direct');
  if (proxies.length === 0) return [ok(check, 'none are configured')];
  const findings: Finding[] = [];
  for (let begin = 0; begin < proxies.length; begin += AT_ONCE)
    findings.push(...(await Promise.all(proxies.slice(begin, begin + AT_ONCE).map((proxy) => tried(proxy, target)))));
  return findings;
}

async function tried(proxy: Proxy, target: URL): Promise<Finding> {
  const host = target.hostname.replace(/^\[|\]$/g, '');
  const port = Number(target.port) || (target.protocol === 'https:' ? 443 : 80);
  const startedAt = performance.now();
  try {
    (await dialThrough(proxy, { host, port }, { timeoutMs: WITHIN_MS })).destroy();
    return ok(check, `${proxy.id} connects to ${target.host} in ${Math.round(performance.now() - startedAt)} ms`);
  } catch (error) {
    if (!(error instanceof ProxyError)) throw error;
    return explained(error, target);
  }
}

/** The message of the error names the proxy, and holds no credentials. */
function explained({ message, stage, cause }: ProxyError, target: URL): Finding {
  const code = (cause as { readonly code?: unknown } | undefined)?.code;
  const what = typeof code === 'string' ? `${message} (${code})` : message;
  switch (stage) {
    case 'connect':
      return fail(check, what, 'start it, or take it out of PROXIES or PROXY_FILE');
    case 'auth':
      return fail(check, what, 'correct its user and password in PROXIES or PROXY_FILE');
    case 'handshake':
      return fail(check, what, 'correct its scheme (http, https or socks5) or its port');
    case 'tunnel':
      return warn(
        check,
        `${what} when it was asked for ${target.host}`,
        'ask its owner whether it may connect there, or try another --target',
      );
  }
}
