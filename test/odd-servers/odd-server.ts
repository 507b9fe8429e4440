import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

export interface OddServer {
  readonly port: number;
  /** Heads and bodies of the requests that came, as ISO-8859-1 text. */
  readonly requests: readonly string[];
  /** Accepted since it started. */
  readonly connections: number;
}

export interface OddServerOptions {
  /** How the connection goes on after the answer. @default 'end' */
  readonly then?: 'end' | 'stay' | 'reset';
  readonly tls?: { readonly key: string | Buffer; readonly cert: string | Buffer };
}

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

/** What is answered to a request; several parts are sent one after another. */
export type OddAnswer = string | Buffer | readonly (string | Buffer)[];

/** A server that answers every whole request with bytes as they are; text is ISO-8859-1. Closes itself after the test. */
export async function startOddServer(
  answerTo: (target: string, request: string) => OddAnswer,
  { then = 'end', tls }: OddServerOptions = {},
): Promise<OddServer> {
  const requests: string[] = [];
  let connections = 0;
  const sockets = new Set<Socket>();
  const onConnection = (socket: Socket): void => {
    sockets.add(socket);
    connections += 1;
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      const end = wholeRequestEnd(received);
      if (end === undefined) return;
      const request = received.slice(0, end);
      received = received.slice(end);
      requests.push(request);
      void answer(socket, answerTo(request.split(' ', 2)[1] ?? '', request), then);
    });
  };
  const server: Server = tls === undefined ? createTcpServer(onConnection) : createTlsServer(tls, onConnection);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    get connections() {
      return connections;
    },
  };
}

async function answer(socket: Socket, parts: OddAnswer, then: OddServerOptions['then']): Promise<void> {
  for (const part of typeof parts === 'string' || Buffer.isBuffer(parts) ? [parts] : parts) {
    // Each part in a segment of its own, as far as loopback goes.
    await new Promise<void>((resolve) =>
      socket.write(Buffer.isBuffer(part) ? part : Buffer.from(part, 'latin1'), () => setImmediate(resolve)),
    );
  }
  if (then === 'end') socket.end();
  if (then === 'reset') socket.resetAndDestroy();
}

function wholeRequestEnd(text: string): number | undefined {
  const head = text.indexOf('\r\n\r\n');
  if (head === -1) return undefined;
  const length = Number(/\ncontent-length: *(\d+)/i.exec(text.slice(0, head))?.[1] ?? 0);
  const end = head + 4 + length;
  return text.length >= end ? end : undefined;
}
