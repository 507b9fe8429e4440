import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** Addresses of loopback where a SYN gets no answer, as behind a firewall that drops packets or on a network that does not lead anywhere. */
export interface SilentHost {
  readonly port: number;
  /** Accepts connections that are tried again, as after a lost SYN: the system sends the next one after a second. */
  wake(): void;
}

const BACKLOG = 1;
const running: { readonly child: ChildProcess; readonly fillers: readonly Socket[] }[] = [];

afterEach(() => {
  for (const { child, fillers } of running.splice(0)) {
    child.kill('SIGKILL');
    for (const filler of fillers) filler.destroy();
  }
});

/** A process that listens there and answers `woken`; it is stopped, and its backlog is full, so that the system drops what comes. */
const PROGRAM = `
const [port, ...hosts] = process.argv.slice(1);
let left = hosts.length;
for (const host of hosts)
  require('node:http').createServer((req, res) => res.end('woken'))
    .listen({ port: Number(port), host, backlog: ${BACKLOG} }, () => --left || process.stdout.write('ready'));`;

export async function startSilent(hosts: readonly string[], port: number): Promise<SilentHost> {
  const child = spawn(process.execPath, ['-e', PROGRAM, String(port), ...hosts], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const fillers: Socket[] = [];
  running.push({ child, fillers });
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`the silent host has ended with ${code}`)));
  });
  child.kill('SIGSTOP');
  // The system accepts one more than the backlog.
  const filling = hosts.flatMap((host) => Array.from({ length: BACKLOG + 1 }, () => fill(host, port, fillers)));
  await Promise.all(filling);
  return { port, wake: () => void child.kill('SIGCONT') };
}

function fill(host: string, port: number, fillers: Socket[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const filler = connect({ host, port }, resolve).on('error', reject);
    fillers.push(filler);
  });
}

/** A port at which nobody listens now. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo; // as: it listens on TCP
  await new Promise((resolve) => server.close(resolve));
  return port;
}
