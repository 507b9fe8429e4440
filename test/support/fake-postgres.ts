import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** What a server that is not as it should be does with a start-up packet. */
export type Behaviour =
  | { readonly kind: 'silent' }
  /** Answers as the SQLSTATE tells. */
  | { readonly kind: 'error'; readonly sqlState: string; readonly message: string }
  /** Lets everybody in, and answers any query with one row of these. */
  | { readonly kind: 'row'; readonly row: Readonly<Record<string, string>> };

export interface FakePostgres {
  readonly port: number;
  readonly connections: () => number;
  close(): Promise<void>;
}

/** The wire protocol of PostgreSQL (https://www.postgresql.org/docs/18/protocol-message-formats.html), as far as a start needs it. */
export async function startFakePostgres(behaviour: Behaviour): Promise<FakePostgres> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    let isGreeted = false;
    socket.on('data', (data) => {
      if (behaviour.kind === 'silent') return;
      if (behaviour.kind === 'error') return void socket.end(errorResponse(behaviour.sqlState, behaviour.message));
      if (!isGreeted) socket.write(Buffer.concat([message('R', int32(0)), READY]));
      else if (data[0] === 0x51) socket.write(Buffer.concat([...rowOf(behaviour.row), READY])); // "Q"
      isGreeted = true;
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const int16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const text = (value: string): Buffer => Buffer.from(`${value}\0`);
const message = (type: string, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
};

const READY = message('Z', Buffer.from('I'));

const errorResponse = (sqlState: string, words: string): Buffer =>
  message('E', text('SFATAL'), text('VFATAL'), text(`C${sqlState}`), text(`M${words}`), Buffer.from([0]));

function rowOf(row: Readonly<Record<string, string>>): readonly Buffer[] {
  const columns = Object.keys(row).map((name) =>
    Buffer.concat([text(name), int32(0), int16(0), int32(25), int16(-1), int32(-1), int16(0)]),
  );
  const values = Object.values(row).map((value) =>
    Buffer.concat([int32(Buffer.byteLength(value)), Buffer.from(value)]),
  );
  return [
    message('T', int16(columns.length), ...columns),
    message('D', int16(values.length), ...values),
    message('C', text('SELECT 1')),
  ];
}
