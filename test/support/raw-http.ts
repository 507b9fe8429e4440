import { connect } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface RawExchange {
  /** The final answers in order, without `100 Continue`. */
  readonly answers: readonly RawAnswer[];
  /** Everything received. */
  readonly raw: string;
}

/**
 * Sends bytes as they are over a connection of its own and reads until `until` answers are there or the server closes.
 * @param parts sent one after the other
 */
export async function sendRaw(
  url: string,
  parts: string | Buffer | readonly (string | Buffer)[],
  options: { readonly until?: number; readonly abort?: boolean } = {},
): Promise<RawExchange> {
  const { hostname, port } = new URL(url);
  const until = options.until ?? 1;
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    const received: Buffer[] = [];
    const done = (): void => {
      socket.destroy();
      const bytes = Buffer.concat(received);
      resolve({ answers: parseAnswers(bytes), raw: bytes.toString('latin1') });
    };
    socket.on('data', (part) => {
      received.push(part);
      if (parseAnswers(Buffer.concat(received)).length >= until) done();
    });
    // A reset after the answer is an end as well; a test looks at what arrived.
    socket.on('error', done);
    socket.on('close', done);
    socket.on('connect', () => {
      for (const part of Array.isArray(parts) ? (parts as readonly (string | Buffer)[]) : [parts as string | Buffer])
        socket.write(part);
      if (options.abort === true) socket.end();
    });
  });
}

/** A request with `Host` and, when there is a body, its length. */
export function request(
  line: string,
  headers: Readonly<Record<string, string>> = {},
  body: string | Buffer = '',
): Buffer {
  const bytes = Buffer.from(body);
  const all: Record<string, string> = {
    host: 'localhost',
    ...(bytes.length > 0 && !('transfer-encoding' in headers) && { 'content-length': String(bytes.length) }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${line} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1'), bytes]);
}

/** Complete answers only. */
function parseAnswers(bytes: Buffer): RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = bytes;
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) return answers;
    const [first = '', ...lines] = rest.subarray(0, end).toString('latin1').split('\r\n');
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1]);
    const headers = Object.fromEntries(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    rest = rest.subarray(end + 4);
    if (status === 100) continue;
    if (headers['transfer-encoding'] === 'chunked') {
      const close = rest.indexOf('0\r\n\r\n');
      if (close < 0) return answers;
      answers.push({ status, headers, text: dechunk(rest.subarray(0, close)) });
      rest = rest.subarray(close + 5);
      continue;
    }
    const length = Number(headers['content-length'] ?? 0);
    if (rest.length < length) return answers;
    answers.push({ status, headers, text: rest.subarray(0, length).toString('utf8') });
    rest = rest.subarray(length);
  }
}

const dechunk = (bytes: Buffer): string => bytes.toString('utf8').replace(/[0-9a-f]+\r\n([^]*?)\r\n/gi, '$1');
