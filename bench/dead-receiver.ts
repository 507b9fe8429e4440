import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { findFreePort } from '../src/embedded/ports';
import type { DeadReceiverKind } from './figures';

export interface DeadReceiver {
  readonly url: string;
  close(): Promise<void>;
}

const urlAt = (port: number): string => `http://127.0.0.1:${port}/hook`;

/** Costs this machine next to nothing, so that what it costs the sender is seen. */
export async function startDeadReceiver(kind: DeadReceiverKind): Promise<DeadReceiver> {
  const port = await findFreePort();
  if (kind === 'refuses') return { url: urlAt(port), close: () => Promise.resolve() };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.resume(); // what is sent is taken, and never answered
  });
  server.listen(port, '127.0.0.1', 1_024);
  await once(server, 'listening');
  return {
    url: urlAt(port),
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
