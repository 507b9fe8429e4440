/* A name server that answers late: a process of its own. `h<index>.b<block>.bench.test` is an address of that block of loopback, and no name has IPv6. */
import { createSocket } from 'node:dgram';
import { loopbackHosts } from './slow-web';

const DELAY_MS = Number(process.argv[2]);
const TTL_SECONDS = 3_600;
const HEADER_BYTES = 12;
const TYPE_A = 1;
const NAME = /^h(\d+)\.b(\d+)\.bench\.test$/;
/** The addresses of each block, as bytes. */
const addresses = new Map<number, readonly Buffer[]>();

function addressOf(name: string): Buffer | undefined {
  const [index, block] = (NAME.exec(name) ?? []).slice(1).map(Number);
  if (index === undefined || block === undefined) return undefined;
  let known = addresses.get(block);
  if (known === undefined) {
    known = loopbackHosts(5_000, block).map((address) => Buffer.from(address.split('.').map(Number)));
    addresses.set(block, known);
  }
  return known[index];
}

/** The answer to a query with one question (RFC 1035 §4.1). */
function answerTo(query: Buffer): Buffer {
  const labels: string[] = [];
  let end = HEADER_BYTES;
  for (let length = query[end] ?? 0; length > 0; length = query[end] ?? 0) {
    labels.push(query.toString('latin1', end + 1, end + 1 + length));
    end += 1 + length;
  }
  const isA = query.readUInt16BE(end + 1) === TYPE_A;
  const address = addressOf(labels.join('.').toLowerCase());
  const isFound = isA && address !== undefined;
  const header = Buffer.alloc(HEADER_BYTES);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(address === undefined ? 0x8183 : 0x8180, 2); // an answer, recursion desired and available; 3 is NXDOMAIN
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(isFound ? 1 : 0, 6);
  const question = query.subarray(HEADER_BYTES, end + 5);
  if (!isFound) return Buffer.concat([header, question]);
  const record = Buffer.alloc(12);
  record.writeUInt16BE(0xc000 | HEADER_BYTES, 0); // the name of the question
  record.writeUInt16BE(TYPE_A, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt32BE(TTL_SECONDS, 6);
  record.writeUInt16BE(address.length, 10);
  return Buffer.concat([header, question, record, address]);
}

const socket = createSocket({ type: 'udp4', recvBufferSize: 8 * 1024 * 1024 });
let asked = 0;
socket.on('message', (query, { port, address }) => {
  asked += 1;
  const answer = answerTo(query);
  setTimeout(() => socket.send(answer, port, address), DELAY_MS);
});
socket.bind(0, '127.0.0.1', () => process.send?.(socket.address().port));
process.on('message', () => {
  process.send?.(asked);
  asked = 0;
});
process.once('disconnect', () => process.exit(0)); // never outlives the bench
