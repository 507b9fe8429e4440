import { NameResolver } from '../../../src/net/dns/name-resolver';
import type { NameResolverOptions } from '../../../src/net/dns/name-resolver';
import type { Getaddrinfo } from '../../../src/net/dns/system-names';
import { startNameServer } from '../../support/name-server';
import type { AnswerQuestion, NameServer } from '../../support/name-server';

const closing: (() => unknown)[] = [];

export async function closeNameServers(): Promise<void> {
  for (const close of closing.splice(0).reverse()) await close();
}

export async function openNameServer(answer: AnswerQuestion): Promise<NameServer> {
  const server = await startNameServer(answer);
  closing.push(() => server.close());
  return server;
}

export interface Opened {
  readonly resolver: NameResolver;
  readonly server: NameServer;
  /** The names that `getaddrinfo` was asked for. */
  readonly system: readonly string[];
  /** The addresses of a name, or the code of the error. */
  readonly find: (name: string) => Promise<readonly string[] | string>;
  readonly pass: (ms: number) => void;
}

export type OpenOptions = Omit<NameResolverOptions, 'servers' | 'now' | 'getaddrinfo'> & {
  /** Addresses that only the system knows. */
  readonly systemKnows?: Readonly<Record<string, string>>;
  /** @default the server alone */
  readonly serversAround?: (address: string) => readonly string[];
};

/** A resolver with a clock of its own that asks a real name server, and a system that knows nothing but what it is told. */
export async function openResolver(answer: AnswerQuestion, options: OpenOptions = {}): Promise<Opened> {
  const { systemKnows = {}, serversAround = (address: string) => [address], ...rest } = options;
  const server = await openNameServer(answer);
  const system: string[] = [];
  const getaddrinfo: Getaddrinfo = (name, _options, callback) => {
    system.push(name);
    const address = systemKnows[name];
    setImmediate(() => {
      if (address === undefined) callback(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }), []);
      else callback(null, [{ address, family: 4 }]);
    });
  };
  let nowMs = 0;
  const resolver = new NameResolver({
    hostsPath: '/nowhere/hosts',
    readSources: () => ({ hasOthers: false, searchedDots: 0 }),
    ...rest,
    servers: serversAround(server.address),
    getaddrinfo,
    now: () => nowMs,
  });
  return {
    resolver,
    server,
    system,
    find: (name) =>
      resolver.resolve(name).then(
        (addresses) => addresses.map(({ address }) => address),
        (error: NodeJS.ErrnoException) => error.code ?? String(error),
      ),
    pass: (ms) => void (nowMs += ms),
  };
}
