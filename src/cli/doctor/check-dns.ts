import { isIP } from 'node:net';
import type { Config } from '../../config/config';
import { lookupName, useNameServers } from '../../net/dns/shared-names';
import { loadProxies } from '../../service/setting-files';
import { databaseAddress } from '../../store/probe-postgres';
import { fail, ok } from './finding';
import type { Finding } from './finding';
import type { Place } from './place';

const check = 'dns';

/** Looks up every name of the settings, of the service and of the target as everfetch does. */
export async function checkDns({ config, service, target }: Place): Promise<readonly Finding[]> {
  if (config !== undefined) useNameServers(config.fetching.dnsServers);
  const hosts = [
    new URL(service.url).hostname,
    target.hostname,
    ...(config === undefined ? [] : await hostsOf(config)),
  ];
  const names = [...new Set(hosts.map((host) => host.replace(/^\[|\]$/g, '')))].filter((host) => isIP(host) === 0);
  return Promise.all(names.map(lookedUp));
}

async function hostsOf({ postgres, temporal, segments, outbound }: Config): Promise<readonly string[]> {
  const database = postgres.url === undefined ? '/' : databaseAddress(postgres.url);
  return [
    // An address that begins with a slash is the folder of a socket.
    ...(database.startsWith('/') ? [] : [database.replace(/:\d+\/.*$/s, '')]),
    ...(temporal.address === undefined ? [] : [temporal.address.replace(/:\d+$/, '')]),
    ...(segments.kind === 's3' && segments.endpoint !== undefined ? [new URL(segments.endpoint).hostname] : []),
    ...(await loadProxies(outbound)).filter(({ kind }) => kind !== 'direct').map(({ host }) => host),
  ];
}

function lookedUp(name: string): Promise<Finding> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    lookupName(name, {}, (error, addresses) => {
      const ms = Math.round(performance.now() - startedAt);
      if (error === null)
        resolve(
          ok(
            check,
            `${name} has ${addresses.length} ${addresses.length === 1 ? 'address' : 'addresses'}, found in ${ms} ms`,
          ),
        );
      else
        resolve(
          fail(
            check,
            `${name} cannot be looked up (${error.code ?? error.message})`,
            'correct that name, or set DNS_SERVERS to name servers that know it',
          ),
        );
    });
  });
}
