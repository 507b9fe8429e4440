/* What a connection costs the side that opens it: CPU of a full and of a resumed TLS handshake beyond a connection without TLS, with everfetch's own connector. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { targetConnector } from '../src/net/dial/connector';
import { createGuard } from '../src/net/guard';
import { Authorities } from '../src/net/tls/authorities';
import { ChainCompleter } from '../src/net/tls/chain-completer';
import { TlsSessions } from '../src/net/tls/tls-sessions';
import { reportFigures } from './figures';
import type { HandshakeCost } from './figures';
import { runScript } from './run-script';
import { SLOW_HOSTS, delayMsOf } from './slow-web';
import { startTarget } from './target-process';
import type { Target } from './target-process';

const VERSIONS = ['TLSv1.3', 'TLSv1.2'] as const;
/** Connections to each host, one after another: with sessions, all but the first are resumed. */
const VISITS = 4;
const WIDTH = 20;
const TIMEOUT_MS = 10_000;

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'everfetch-bench-tls-'));
  try {
    const versions: HandshakeCost[] = [];
    for (const version of VERSIONS) versions.push(await costOf(version, join(folder, `${version}.pem`)));
    reportFigures('handshakes', { connections: SLOW_HOSTS.length * (VISITS - 1), versions });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function costOf(version: (typeof VERSIONS)[number], authorityPath: string): Promise<HandshakeCost> {
  const plainTarget = await startTarget({ isSlow: true });
  const target = await startTarget({ isSlow: { tls: { maxVersion: version, authorityPath } } });
  try {
    const authorities = [readFileSync(authorityPath, 'utf8')];
    const plain = await visitAll(plainTarget, { isTls: false, sessions: undefined, authorities });
    const full = await visitAll(target, { isTls: true, sessions: undefined, authorities });
    const resumed = await visitAll(target, { isTls: true, sessions: new TlsSessions(), authorities });
    const counted = await target.handshakes();
    const cost = {
      version,
      plainMs: plain,
      fullMs: full - plain,
      resumedMs: resumed - plain,
      resumed: counted.resumed,
    };
    console.log(
      `${version}: a connection ${cost.plainMs.toFixed(3)} ms of CPU, a full handshake ${cost.fullMs.toFixed(3)} ms more, a resumed one ${cost.resumedMs.toFixed(3)} ms; ${counted.full} full, ${counted.resumed} resumed`,
    );
    return cost;
  } finally {
    await plainTarget.stop();
    await target.stop();
  }
}

interface Visit {
  readonly isTls: boolean;
  readonly sessions: TlsSessions | undefined;
  readonly authorities: readonly string[];
}

/** Connects to each host again and again and asks for a page, so that tickets arrive. @returns CPU per connection, ms, the first to each host left out */
async function visitAll(target: Target, { isTls, sessions, authorities }: Visit): Promise<number> {
  const guard = createGuard(['127.0.0.0/8']);
  const chains = new ChainCompleter(new Authorities(authorities), guard);
  const connect = targetConnector({ lookup: guard.lookup, chains, sessions, timeoutMs: TIMEOUT_MS });
  const visit = (hostname: string) =>
    new Promise<void>((resolve, reject) => {
      const order = { hostname, host: hostname, protocol: isTls ? 'https:' : 'http:', port: String(target.port) };
      connect(order, (error, socket) => {
        if (socket === null) return void reject(error ?? new Error('not connected'));
        socket.on('error', reject).once('data', () => {
          socket.destroy();
          resolve();
        });
        socket.write(`GET /plain/1/${QUICK} HTTP/1.1\r\n\r\n`);
      });
    });
  const visitHosts = async () => {
    let next = 0;
    const loop = async () => {
      for (let host = SLOW_HOSTS[next++]; host !== undefined; host = SLOW_HOSTS[next++]) await visit(host);
    };
    await Promise.all(Array.from({ length: WIDTH }, loop));
  };
  await visitHosts();
  const before = process.cpuUsage();
  for (let number = 1; number < VISITS; number += 1) await visitHosts();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / (SLOW_HOSTS.length * (VISITS - 1));
}

/** The page that is answered the soonest of many. */
const QUICK = Array.from({ length: 10_000 }, (_, index) => index).reduce((best, index) =>
  delayMsOf(index) < delayMsOf(best) ? index : best,
);

runScript(main);
