import type { OddAnswer } from './odd-server';

export interface OddCase {
  readonly name: string;
  readonly answer: OddAnswer;
  /** @default 'end' */
  readonly then?: 'end' | 'stay' | 'reset';
  /** Status, then body as ISO-8859-1; a code of trouble where nobody shows a page; `CUT` for any that means a message cut off. */
  readonly seen: readonly [status: number, body: string] | string;
  /** Header values that must have come through. */
  readonly headers?: Readonly<Record<string, string>>;
}

const OK = 'HTTP/1.1 200 OK\r\n';
const LENGTH = 'Content-Length: 4\r\n';
const page = (head: string, rest = `${LENGTH}\r\npage`): string => `${head}${rest}`;
const long = (bytes: number): string => `X-Long: ${'x'.repeat(bytes)}\r\n`;

/** Heads and framings beyond RFC 9112 that every browser takes, and those that none takes. */
// prettier-ignore
export const ODD_HEADS: readonly OddCase[] = [
  { name: 'lines that end with LF only', answer: 'HTTP/1.1 200 OK\nX-A: 1\nContent-Length: 4\n\npage', seen: [200, 'page'], headers: { 'x-a': '1' } },
  { name: 'an empty line of LF only behind lines of CRLF', answer: `${OK}${LENGTH}\npage`, seen: [200, 'page'] },
  { name: 'an empty line of CRLF behind lines of LF', answer: 'HTTP/1.1 200 OK\nContent-Length: 4\n\r\npage', seen: [200, 'page'] },
  { name: 'a lone CR between two header lines', answer: page(`${OK}X-A: 1\rX-B: 2\r\n`), seen: [200, 'page'], headers: { 'x-a': '1', 'x-b': '2' } },
  { name: 'a folded header line', answer: page(`${OK}X-A: one\r\n   two\r\n\tthree\r\n`), seen: [200, 'page'], headers: { 'x-a': 'one two three' } },
  { name: 'a folded Content-Type', answer: page(`${OK}Content-Type: text/html;\r\n charset=windows-1251\r\n`), seen: [200, 'page'], headers: { 'content-type': 'text/html; charset=windows-1251' } },
  { name: 'a first header line that begins with a blank', answer: page(`${OK} X-A: 1\r\n`), seen: [200, 'page'] },
  { name: 'white space before a colon', answer: page(`${OK}X-A : 1\r\nX-B\t: 2\r\n`), seen: [200, 'page'], headers: { 'x-a': '1', 'x-b': '2' } },
  { name: 'white space before the colon of the length', answer: `${OK}Content-Length : 4\r\n\r\npage and more`, seen: [200, 'page'] },
  { name: 'a line without a colon', answer: page(`${OK}nonsense\r\nX-A: 1\r\n`), seen: [200, 'page'], headers: { 'x-a': '1' } },
  { name: 'an HTML comment as a header line', answer: page(`${OK}<!-- built in 3 s -->\r\nX-A: 1\r\n`), seen: [200, 'page'], headers: { 'x-a': '1' } },
  { name: 'a name that is no token', answer: page(`${OK}X A: 0\r\nX(a): 0\r\nX-\xe9: 0\r\nX-A: 1\r\n`), seen: [200, 'page'], headers: { 'x-a': '1' } },
  { name: 'an empty name', answer: page(`${OK}: nothing\r\nX-A: 1\r\n`), seen: [200, 'page'], headers: { 'x-a': '1' } },
  { name: 'an empty value', answer: page(`${OK}X-A:\r\nX-B: \r\n`), seen: [200, 'page'], headers: { 'x-a': '', 'x-b': '' } },
  { name: 'control characters in a value', answer: page(`${OK}X-A: a\x01b\x1f\x7fc\r\n`), seen: [200, 'page'], headers: { 'x-a': 'a\x01b\x1f\x7fc' } },
  { name: 'a zero byte in a value', answer: page(`${OK}X-A: a\0b\r\n`), seen: [200, 'page'], headers: { 'x-a': 'ab' } },
  { name: 'raw non-ASCII in a value', answer: page(`${OK}X-A: caf\xe9 \xc3\xa9 \x80\r\n`), seen: [200, 'page'], headers: { 'x-a': 'caf\xe9 \xc3\xa9 \x80' } },
  { name: 'raw non-ASCII in the reason', answer: page('HTTP/1.1 200 D\xe9j\xe0\r\n'), seen: [200, 'page'] },
  { name: 'control characters in the reason', answer: page('HTTP/1.1 200 O\x01K\r\n'), seen: [200, 'page'] },
  { name: 'Content-Length twice with the same value', answer: `${OK}${LENGTH}${LENGTH}\r\npage`, seen: [200, 'page'] },
  { name: 'Content-Length as a list of equal values', answer: `${OK}Content-Length: 4, 4\r\n\r\npage`, seen: [200, 'page'] },
  { name: 'Content-Length as a list with an empty member', answer: `${OK}Content-Length: 4,\r\n\r\npage`, seen: [200, 'page'] },
  { name: 'Content-Length that is no number', answer: `${OK}Content-Length: many\r\n\r\npage`, seen: [200, 'page'] },
  { name: 'a negative Content-Length', answer: `${OK}Content-Length: -1\r\n\r\npage`, seen: [200, 'page'] },
  { name: 'a Content-Length with a sign', answer: `${OK}Content-Length: +4\r\n\r\npage`, seen: [200, 'page'] },
  { name: 'an empty Content-Length', answer: `${OK}Content-Length:\r\n\r\npage`, seen: [200, 'page'] },
  { name: 'Content-Length beside chunked, which wins', answer: `${OK}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npage\r\n0\r\n\r\n`, seen: [200, 'page'] },
  { name: 'chunked beside a Content-Length far too large', answer: `${OK}Transfer-Encoding: chunked\r\nContent-Length: 999999999999\r\n\r\n4\r\npage\r\n0\r\n\r\n`, seen: [200, 'page'] },
  { name: 'chunked beside two different lengths', answer: `${OK}Content-Length: 2\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npage\r\n0\r\n\r\n`, seen: [200, 'page'] },
  { name: 'chunked twice', answer: `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npage\r\n0\r\n\r\n`, seen: [200, 'page'] },
  { name: 'Chunked in capitals', answer: `${OK}Transfer-Encoding: Chunked\r\n\r\n4\r\npage\r\n0\r\n\r\n`, seen: [200, 'page'] },
  { name: 'chunked, identity', answer: `${OK}Transfer-Encoding: chunked, identity\r\n\r\n4\r\npage\r\n0\r\n\r\n`, seen: [200, 'page'] },
  { name: 'Transfer-Encoding: identity', answer: `${OK}Transfer-Encoding: identity\r\n${LENGTH}\r\npage`, seen: [200, 'page'] },
  { name: 'a Transfer-Encoding that nobody knows', answer: `${OK}Transfer-Encoding: none\r\n\r\npage`, seen: [200, 'page'] },
  { name: 'white space before the colon of Transfer-Encoding', answer: `${OK}Transfer-Encoding : chunked\r\n\r\n4\r\npage\r\n0\r\n\r\n`, seen: [200, 'page'] },
  { name: 'a second status line', answer: page(`${OK}HTTP/1.1 200 OK\r\nX-A: 1\r\n`), seen: [200, 'page'], headers: { 'x-a': '1' } },
  { name: 'a second status line that says something else', answer: page(`${OK}HTTP/1.0 500 Oops\r\n`), seen: [200, 'page'] },
  { name: '100 Continue nobody asked for', answer: `HTTP/1.1 100 Continue\r\n\r\n${page(OK)}`, seen: [200, 'page'] },
  { name: '100 Continue with a header, twice', answer: ['HTTP/1.1 100 Continue\r\nX-C: 1\r\n\r\n', 'HTTP/1.1 100 Continue\r\n\r\n', page(OK)], seen: [200, 'page'] },
  { name: '102 and 103', answer: ['HTTP/1.1 102 Processing\r\n\r\n', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n', page(OK)], seen: [200, 'page'] },
  { name: 'an informational answer that nobody knows', answer: `HTTP/1.1 199 Odd\r\n\r\n${page(OK)}`, seen: [200, 'page'] },
  { name: '204 with a body', answer: 'HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\npage', seen: [204, ''] },
  { name: '204 with a body in chunks', answer: 'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npage\r\n0\r\n\r\n', seen: [204, ''] },
  { name: '204 that announces a huge body', answer: 'HTTP/1.1 204 No Content\r\nContent-Length: 99999999999\r\n\r\n', seen: [204, ''] },
  { name: '304 with a body', answer: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\npage', seen: [304, ''] },
  { name: 'HTTP/1.2', answer: page('HTTP/1.2 200 OK\r\n'), seen: [200, 'page'] },
  { name: 'HTTP/2.0 in clear text', answer: page('HTTP/2.0 200 OK\r\n'), seen: [200, 'page'] },
  { name: 'HTTP/1.0', answer: page('HTTP/1.0 200 OK\r\n'), seen: [200, 'page'] },
  { name: 'HTTP/0.9 in a status line', answer: page('HTTP/0.9 200 OK\r\n'), seen: [200, 'page'] },
  { name: 'HTTP/1 without a minor version', answer: page('HTTP/1 200 OK\r\n'), seen: [200, 'page'] },
  { name: 'HTTP without a version', answer: page('HTTP 200 OK\r\n'), seen: [200, 'page'] },
  { name: 'http in small letters', answer: page('http/1.1 200 ok\r\n'), seen: [200, 'page'] },
  { name: 'two blanks in the status line', answer: page('HTTP/1.1  200  OK\r\n'), seen: [200, 'page'] },
  { name: 'a blank behind the status line', answer: page('HTTP/1.1 200 \r\n'), seen: [200, 'page'] },
  { name: 'a status line without a reason', answer: page('HTTP/1.1 404\r\n'), seen: [404, 'page'] },
  { name: 'a status and a reason that a tab separates', answer: page('HTTP/1.1 200\tOK\r\n'), seen: [200, 'page'] },
  { name: 'a reason glued to the status', answer: page('HTTP/1.1 200OK\r\n'), seen: [200, 'page'] },
  { name: 'a status line without a status', answer: page('HTTP/1.1\r\n'), seen: [200, 'page'] },
  { name: 'a word in place of the status', answer: page('HTTP/1.1 OK\r\n'), seen: [200, 'page'] },
  { name: 'an unknown status', answer: page('HTTP/1.1 299 Odd\r\n'), seen: [299, 'page'] },
  { name: 'line ends before the status line', answer: `\r\n\r\n${page(OK)}`, seen: [200, 'page'] },
  { name: 'junk of four bytes before the status line', answer: `abcd${page(OK)}`, seen: [200, 'page'] },
  { name: '100 kB of headers', answer: page(`${OK}${long(100_000)}`), seen: [200, 'page'] },
  { name: '250 kB of headers in 250 lines', answer: page(`${OK}${long(990).repeat(250)}`), seen: [200, 'page'] },
  { name: 'two thousand header lines', answer: page(`${OK}${'X-N: 1\r\n'.repeat(2_000)}`), seen: [200, 'page'] },
  { name: 'padded chunk sizes', answer: `${OK}Transfer-Encoding: chunked\r\n\r\n2  \r\npa\r\n0002\r\nge\r\n0   \r\n\r\n`, seen: [200, 'page'] },
  { name: 'chunk sizes with a blank before', answer: `${OK}Transfer-Encoding: chunked\r\n\r\n 4\r\npage\r\n0\r\n\r\n`, seen: [200, 'page'] },
  { name: 'chunk sizes with a tab behind', answer: `${OK}Transfer-Encoding: chunked\r\n\r\n4\t\r\npage\r\n0\r\n\r\n`, seen: [200, 'page'] },
  { name: 'chunk sizes that end with LF only', answer: `${OK}Transfer-Encoding: chunked\r\n\r\n4\npage\n0\n\n`, seen: [200, 'page'] },
  { name: 'chunk data that ends with LF only', answer: `${OK}Transfer-Encoding: chunked\r\n\r\n4\r\npage\n0\r\n\r\n`, seen: [200, 'page'] },
  { name: 'odd chunk extensions', answer: `${OK}Transfer-Encoding: chunked\r\n\r\n4 ; a="\x01;b"; =\r\npage\r\n0;x\r\n\r\n`, seen: [200, 'page'] },
  { name: 'a trailer that is no header', answer: `${OK}Transfer-Encoding: chunked\r\n\r\n4\r\npage\r\n0\r\nnonsense\r\n: x\r\n\r\n`, seen: [200, 'page'] },
  { name: 'a last chunk without the empty line behind it', answer: `${OK}Transfer-Encoding: chunked\r\n\r\n4\r\npage\r\n0\r\n`, seen: [200, 'page'] },
  { name: 'bytes behind the last chunk', answer: `${OK}Transfer-Encoding: chunked\r\n\r\n4\r\npage\r\n0\r\n\r\nHTTP/1.1 500 Oops\r\n\r\n`, seen: [200, 'page'] },
  { name: 'bytes behind the length', answer: `${OK}${LENGTH}\r\npage and more`, seen: [200, 'page'] },
  { name: 'Connection: close and a length that holds', answer: `${OK}Connection: close\r\n${LENGTH}\r\npage`, seen: [200, 'page'] },
  { name: 'neither a length nor chunks', answer: `${OK}\r\npage`, seen: [200, 'page'] },
  { name: 'a redirect whose head ends without an empty line', answer: 'HTTP/1.1 302 Found\r\nLocation: /there\r\n', seen: [200, 'there'] },
  { name: 'a head byte by byte', answer: [...page(`${OK}X-A : 1\r\n`)], seen: [200, 'page'], headers: { 'x-a': '1' } },

  { name: 'two lengths that differ', answer: `${OK}Content-Length: 4\r\nContent-Length: 5\r\n\r\npages`, seen: 'INVALID_RESPONSE' },
  { name: 'a list of lengths that differ', answer: `${OK}Content-Length: 4, 5\r\n\r\npages`, seen: 'INVALID_RESPONSE' },
  { name: 'more than 256 kB of headers', answer: page(`${OK}${long(270_000)}`), seen: 'HEADERS_TOO_LARGE' },
  { name: 'a chunk size that is no number', answer: `${OK}Transfer-Encoding: chunked\r\n\r\nfour\r\npage\r\n0\r\n\r\n`, seen: 'INVALID_RESPONSE' },
  { name: 'a chunk longer than its size', answer: `${OK}Transfer-Encoding: chunked\r\n\r\n2\r\npage\r\n0\r\n\r\n`, seen: 'INVALID_RESPONSE' },
  { name: 'a switch of protocols nobody asked for', answer: 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n', seen: 'INVALID_RESPONSE' },
  { name: 'a status of two digits', answer: page('HTTP/1.1 20 OK\r\n'), seen: 'INVALID_RESPONSE' },
  { name: 'another protocol', answer: 'SSH-2.0-OpenSSH_9.6\r\n', seen: 'INVALID_RESPONSE' },
  { name: 'a page without a head', answer: '<html>a page without a head</html>', seen: 'INVALID_RESPONSE' },
  { name: 'a body shorter than its length', answer: `${OK}Content-Length: 40\r\n\r\npage`, seen: 'CUT' },
  { name: 'chunks without an end', answer: `${OK}Transfer-Encoding: chunked\r\n\r\n4\r\npage\r\n`, seen: 'CUT' },
  { name: 'a head that is cut off', answer: `${OK}Content-Len`, seen: 'CUT' },
];
