import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port we need cannot be listened on. The message names the port and the variable that moves it. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
  readonly port: number;

  constructor(port: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.port = port;
  }
}

/** Rejects with `PortTakenError` when nobody can listen on `host:port` now; `variable` is the setting that moves it. */
export async function assertPortFree(port: number, host: string, variable: string): Promise<void> {
  try {
    await listenOnce(port, host);
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    const why =
      code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be listened on (${code}); is ${host} right?`;
    const advice = `Stop that program, or set ${variable} to a free port.`;
    throw new PortTakenError(port, `Port ${port} on ${host} ${why}. ${advice}`, { cause: error });
  }
}

/**
 * A port on loopback that nobody listens on. Not from port 0: those lie in the range that outgoing connections are
 * given theirs from (from 32,768 on Linux), so one could be taken again before a child process listens on it.
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
  await once(server, 'listening'); // rejects on 'error'
  server.close();
  await once(server, 'close');
}
