import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** What happens to the bytes of one direction: they go on, changed or not, or both ends are cut off. */
export type Meddle = (bytes: Buffer) => Buffer | 'cut';

export interface Relay {
  readonly url: string;
  readonly connections: number;
  close(): Promise<void>;
}

/** A TCP relay to a loopback port that can damage what passes. Close it. */
export async function startRelay(
  port: number,
  meddle: { readonly up?: Meddle; readonly down?: Meddle },
): Promise<Relay> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    connections += 1;
    const upstream = connect(port, '127.0.0.1');
    const cut = () => [client, upstream].forEach((socket) => socket.destroy());
    for (const [from, to, change] of [
      [client, upstream, meddle.up],
      [upstream, client, meddle.down],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes: Buffer) => {
        const next = change === undefined ? bytes : change(bytes);
        if (next === 'cut') cut();
        else to.write(next);
      });
      from.on('end', () => to.end());
      from.on('error', cut);
      from.on('close', () => sockets.delete(from));
    }
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get connections() {
      return connections;
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
