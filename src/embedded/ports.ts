import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Thrown when a port is in use. The message names the port and the setting that changes it. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
  readonly port: number;

  constructor(port: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.port = port;
  }
}

/** Thrown when listening is impossible: the address is not this machine's, or the port is not allowed for this user. */
export class UnusableAddressError extends Error {
  override readonly name = 'UnusableAddressError';
  /** Error code of the system: with `EACCES` the port is at fault, otherwise the host. */
  readonly code: string;

  constructor(port: number, host: string, code: string, options?: ErrorOptions) {
    super(`port ${port} of ${host} cannot be listened on (${code})`, options);
    this.code = code;
  }
}

/**
 * Resolves when a server could listen on `host:port` now.
 * @param variable setting that changes the port
 * @throws PortTakenError when the port is in use, UnusableAddressError when no server could ever listen there
 */
export async function assertPortFree(port: number, host: string, variable: string): Promise<void> {
  try {
    await listenOnce(port, host);
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE') throw new UnusableAddressError(port, host, code, { cause: error });
    const advice = `Stop that program, or set ${variable} to a free port.`;
    throw new PortTakenError(port, `Port ${port} on ${host} is taken by another program. ${advice}`, { cause: error });
  }
}

/**
 * Finds a loopback port that nobody listens on. Port 0 would give one from the range of outgoing connections (from 32,768 on Linux), which
 * could be taken again before a child process listens on it.
 */
export async function findFreePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = randomInt(20_000, 30_000);
    const isFree = await listenOnce(port, '127.0.0.1').then(
      () => true,
      () => false,
    );
    if (isFree) return port;
  }
  throw new Error('found no free port between 20000 and 29999');
}

async function listenOnce(port: number, host: string): Promise<void> {
  const server = createServer();
  server.listen({ port, host, exclusive: true });
  await once(server, 'listening'); // it rejects on 'error'
  server.close();
  await once(server, 'close');
}
