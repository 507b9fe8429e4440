import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { findFreePort } from '../../src/embedded/ports';

export interface Question {
  readonly name: string;
  readonly type: 'A' | 'AAAA';
  readonly isTcp: boolean;
}

export interface NameAlias {
  readonly name: string;
  readonly ttl: number;
}

export interface NameAnswer {
  /** Addresses of both families, of which only those of the queried type are sent. */
  readonly addresses?: readonly string[];
  /** Seconds. @default 0, so that nobody may keep it */
  readonly ttl?: number;
  /** The name that this one is an alias of; the addresses are then that name's. Several are a chain. */
  readonly alias?: NameAlias | readonly NameAlias[];
  /** @default NOERROR */
  readonly rcode?: keyof typeof RCODES;
  /** Over UDP: the answer is empty and says that it has to be asked for over TCP. */
  readonly isTruncated?: boolean;
  /** The answer is sent once this has resolved. */
  readonly after?: Promise<unknown>;
}

/** What is to be answered; `silence` is no answer. `asked` counts the questions of this type for this name, from 1. */
export type AnswerQuestion = (
  name: string,
  asked: number,
  question: Question,
) => readonly string[] | NameAnswer | 'silence';

export interface NameServer {
  /** Address for `Resolver.setServers` and `DNS_SERVERS`. */
  readonly address: string;
  readonly questions: readonly Question[];
  close(): void;
}

const QTYPE = { A: 1, CNAME: 5, AAAA: 28 } as const;
const RCODES = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const;
const QUESTION_AT = 12;
const TRUNCATED = 0x02;

/** A name server on loopback, over UDP and TCP (RFC 1035). */
export async function startNameServer(answer: AnswerQuestion): Promise<NameServer> {
  const questions: Question[] = [];

  const reply = async (query: Buffer, isTcp: boolean): Promise<Buffer | undefined> => {
    const { name, end } = readName(query, QUESTION_AT);
    const type = query.readUInt16BE(end) === QTYPE.AAAA ? 'AAAA' : 'A';
    const question = { name, type, isTcp } as const;
    questions.push(question);
    const asked = questions.filter((each) => each.name === name && each.type === type).length;
    const given = answer(name, asked, question);
    if (given === 'silence') return undefined;
    const said: NameAnswer = isList(given) ? { addresses: given } : given;
    await said.after;
    const isCut = said.isTruncated === true && !isTcp;
    const records = isCut ? [] : recordsOf(name, type, said);
    const head = Buffer.from([0, 0, 0x81 | (isCut ? TRUNCATED : 0), 0x80 | RCODES[said.rcode ?? 'NOERROR']]);
    query.copy(head, 0, 0, 2);
    const counts = Buffer.from([0, 1, 0, records.length, 0, 0, 0, 0]);
    return Buffer.concat([head, counts, query.subarray(QUESTION_AT, end + 4), ...records]);
  };

  const udp = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
  let isClosed = false;
  udp.on('message', (query, { port, address }) => {
    void reply(query, false).then((message) => {
      if (message !== undefined && !isClosed) udp.send(message, port, address);
    });
  });
  // The same port for both, from a range in which the system hands out none by itself.
  const port = await findFreePort();
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');

  const sockets = new Set<Socket>();
  const tcp = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    let rest = Buffer.alloc(0);
    socket.on('data', (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes]);
      while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
        const query = rest.subarray(2, 2 + rest.readUInt16BE(0));
        rest = rest.subarray(2 + query.length);
        void reply(query, true).then((message) => {
          if (message !== undefined) socket.write(Buffer.concat([bytesOf16(message.length), message]));
        });
      }
    });
  });
  tcp.listen(port, '127.0.0.1');
  await once(tcp, 'listening');

  return {
    address: `127.0.0.1:${port}`,
    questions,
    close() {
      isClosed = true;
      udp.close();
      tcp.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

const isList = (given: readonly string[] | NameAnswer): given is readonly string[] => Array.isArray(given);

function recordsOf(
  name: string,
  type: 'A' | 'AAAA',
  { addresses = [], ttl = 0, alias }: NameAnswer,
): readonly Buffer[] {
  const fitting = addresses.filter((each) => isIPv6(each) === (type === 'AAAA'));
  const chain: readonly NameAlias[] = alias === undefined ? [] : [alias].flat();
  const aliases = chain.map(({ name: next, ttl: aliasTtl }, index) =>
    recordOf(chain[index - 1]?.name ?? name, QTYPE.CNAME, aliasTtl, nameBytes(next)),
  );
  const owner = chain.at(-1)?.name ?? name;
  return [...aliases, ...fitting.map((each) => recordOf(owner, QTYPE[type], ttl, addressBytes(each)))];
}

function recordOf(name: string, type: number, ttl: number, data: Buffer): Buffer {
  const time = Buffer.alloc(4);
  time.writeUInt32BE(ttl);
  return Buffer.concat([nameBytes(name), bytesOf16(type), bytesOf16(1), time, bytesOf16(data.length), data]);
}

function bytesOf16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function readName(message: Buffer, start: number): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = start;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

function nameBytes(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.from(label, 'latin1'));
  return Buffer.concat([...labels.flatMap((label) => [Buffer.from([label.length]), label]), Buffer.from([0])]);
}

function addressBytes(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split('.').map(Number));
  const [before = '', after = ''] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':').map((group) => parseInt(group, 16)));
  const [first, last] = [groups(before), groups(after)];
  const all = [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}
