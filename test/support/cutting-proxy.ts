import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface CuttingProxy {
  readonly url: string;
  /** Connections that were broken off so far. */
  readonly cuts: number;
  close(): Promise<void>;
}

/**
 * A TCP proxy to a loopback port that breaks every connection off after some bytes of the answer, in the middle of whatever it is.
 * @param bytesUntilCut called per connection
 */
export async function startCuttingProxy(port: number, bytesUntilCut: () => number): Promise<CuttingProxy> {
  let cuts = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    const both = [client, upstream];
    let left = bytesUntilCut();
    upstream.on('data', (bytes) => {
      if (left <= 0) return;
      client.write(bytes.subarray(0, left));
      left -= bytes.length;
      if (left > 0) return;
      cuts += 1;
      // What was written is sent before the end.
      client.end(() => both.forEach((socket) => socket.destroy()));
    });
    client.pipe(upstream);
    for (const socket of both) {
      sockets.add(socket);
      socket.on('error', () => both.forEach((each) => each.destroy()));
      socket.on('close', () => {
        sockets.delete(socket);
        both.forEach((each) => each.destroy());
      });
    }
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get cuts() {
      return cuts;
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
