import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/** Constant that a handshake's key is joined with (RFC 6455 §1.3). */
const ACCEPT_KEY = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Shows `page`, and answers each message of a WebSocket with one of `payload`, of 126 to 65,535 bytes. */
export async function startSocketOrigin(page: string, opcode: number, payload: Buffer) {
  const head = Buffer.from([0x80 | opcode, 126, payload.length >> 8, payload.length & 0xff]);
  const message = Buffer.concat([head, payload]);
  const sockets = new Set<Duplex>();
  const server = createServer((_req, res) => res.setHeader('content-type', 'text/html').end(page));
  server.on('upgrade', (req, socket: Duplex) => {
    const key = `${req.headers['sec-websocket-key']}${ACCEPT_KEY}`;
    const accept = createHash('sha1').update(key).digest('base64');
    const lines = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`];
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', () => socket.write(message));
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // as: it listens on TCP
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      sockets.forEach((socket) => socket.destroy());
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
