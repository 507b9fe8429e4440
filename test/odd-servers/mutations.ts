import { createHash } from 'node:crypto';
import { brotliCompressSync, gzipSync } from 'node:zlib';

/** What a page holds, so that it can be told whose it is. A damaged mark proves nothing, and does not look like another's: hence the hash. */
export const markOf = (page: number): string => `[page-${page}-${hashOf(String(page))}]`;

/** The pages whose marks, undamaged, stand in a text. */
export const pagesIn = (text: string): readonly number[] =>
  [...text.matchAll(/\[page-(\d+)-([0-9a-f]{16})\]/g)].flatMap(([, page = '', hash]) =>
    hash === hashOf(page) ? [Number(page)] : [],
  );

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

const OK = 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n';
const chunked = (body: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]);
const withLength = (head: string, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${head}Content-Length: ${body.length}\r\n\r\n`), body]);

/** Good responses of every framing and coding. */
const GOOD: readonly ((body: Buffer) => Buffer)[] = [
  (body) => withLength(OK, body),
  (body) => withLength(`${OK}Content-Encoding: gzip\r\n`, gzipSync(body)),
  (body) => withLength(`${OK}Content-Encoding: br\r\n`, brotliCompressSync(body)),
  (body) => Buffer.concat([Buffer.from(`${OK}Transfer-Encoding: chunked\r\n\r\n`), chunked(body)]),
  (body) =>
    Buffer.concat([
      Buffer.from(`${OK}Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n`),
      chunked(gzipSync(body)),
    ]),
  (body) => Buffer.concat([Buffer.from(`${OK}Connection: close\r\n\r\n`), body]),
  (body) => withLength('HTTP/1.1 404 Not Found\r\nSet-Cookie: a=b; Path=/\r\n', body),
  (body) => withLength('HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n', body),
  (body) => Buffer.concat([Buffer.from('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'), withLength(OK, body)]),
];

/** Pieces that matter to parsers. */
const PIECES = [
  '\r\n', '\n', '\r', '\0', ' ', '\t', ':', ',', ';', '\r\n\r\n', '\n\n', '0\r\n\r\n', 'Content-Length: 3\r\n', 'Content-Length: 99999\r\n',
  'Transfer-Encoding: chunked\r\n', 'Content-Encoding: gzip\r\n', 'HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 200 OK\r\n', 'Location: /x\r\n',
  '\xff', '\x1f\x8b\x08', 'ffffffff\r\n', '-1', '+', '1e3', 'Connection: keep-alive\r\n',
]; // prettier-ignore

/** A good response to which one to four things have happened. The mark of its page may have been lost, never become another's. */
export function mutated(page: number, random: () => number): Buffer {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T; // as: none of the lists is empty
  const good = pick(GOOD);
  let bytes = good(Buffer.from(`<p>${markOf(page)}</p>${'text '.repeat(Math.floor(random() * 40))}`));
  for (let times = 1 + Math.floor(random() * 4); times > 0; times -= 1) {
    const at = Math.floor(random() * (bytes.length + 1));
    const end = Math.min(bytes.length, at + Math.floor(random() * 12));
    const [before, cut, after] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)];
    switch (Math.floor(random() * 5)) {
      case 0: // a byte changes, but digits do not: they name the page
        if (at < bytes.length && !/\d/.test(String.fromCharCode(bytes[at] ?? 0)))
          bytes = Buffer.concat([before, Buffer.from([32 + Math.floor(random() * 16)]), bytes.subarray(at + 1)]);
        break;
      case 1:
        bytes = Buffer.concat([before, Buffer.from(pick(PIECES), 'latin1'), bytes.subarray(at)]);
        break;
      case 2: // bytes go, but no part of a number
        if (!/\d/.test(cut.toString('latin1'))) bytes = Buffer.concat([before, after]);
        break;
      case 3:
        if (!/\d/.test(cut.toString('latin1'))) bytes = Buffer.concat([before, cut, cut, after]);
        break;
      default:
        if (random() < 0.3) bytes = before; // cut off
    }
  }
  return Buffer.from(bytes);
}
