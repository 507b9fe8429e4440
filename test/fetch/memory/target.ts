import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Runs as a process of its own and answers every request with so many bytes, which it never holds. `/told` has a content-length. It sends its port to its parent. */
const bytes = Number(process.argv[2]);
const block = Buffer.alloc(64 * 1024, 'everfetch');

function send(res: ServerResponse, left: number): void {
  let rest = left;
  while (rest > 0) {
    const part = block.subarray(0, Math.min(rest, block.length));
    rest -= part.length;
    if (!res.write(part)) return void res.once('drain', () => send(res, rest));
  }
  res.end();
}

const server = createServer((req, res) => {
  if (req.url === '/told') res.setHeader('content-length', bytes);
  send(res, bytes);
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit());
