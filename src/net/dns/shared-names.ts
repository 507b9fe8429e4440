import { NameResolver } from './name-resolver';

let shared: NameResolver | undefined;

/**
 * Replaces Node's `dns.lookup` with `all: true` for the whole process: what one caller has learnt about a name, the
 * others know.
 */
export const lookupName: NameResolver['lookup'] = (host, options, callback) => {
  shared ??= new NameResolver();
  shared.lookup(host, options, callback);
};

/**
 * Has the process ask these name servers from now on, as `dns.setServers` does for Node's own; what was known about names is forgotten.
 * @param servers `ip`, `ip:port` or `[ip]:port`; none means those of the system
 */
export function useNameServers(servers: readonly string[]): void {
  shared = new NameResolver({ servers });
}
