import type { RequestListener } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type {
  AnswerBody,
  FetchEngine,
  HeaderProfileName,
  OutgoingRequest,
  Route,
} from '../../../src/fetch/engines/engine';
import { createHttpEngine } from '../../../src/fetch/engines/http';
import { createImpersonateEngine } from '../../../src/fetch/engines/impersonate';
import type { ImpersonateEngineDeps } from '../../../src/fetch/engines/impersonate';
import { createEgressProxy } from '../../../src/fetch/egress/egress-proxy';
import { createGuard } from '../../../src/net/guard';
import { outcomeOfError } from '../../../src/fetch/outcome-of-error';
import { headersOf } from '../../../src/fetch/request-headers';
import { selfSigned } from '../proxies/self-signed';

export type HttpVersion = 'HTTP/1.1' | 'HTTP/2';

export interface TlsOrigin {
  readonly url: string;
  readonly requests: readonly { readonly method: string; readonly url: string; readonly rawHeaders: readonly string[]; body: string }[];
  /** Connections accepted since it started, and those open now. */
  readonly connections: number;
  readonly open: number;
  close(): Promise<void>;
} // prettier-ignore

const running = new Set<TlsOrigin>();
afterEach(async () => {
  await Promise.all([...running].map((origin) => origin.close()));
});

export async function startTlsOrigin(handler: RequestListener, version: HttpVersion = 'HTTP/2'): Promise<TlsOrigin> {
  const requests: TlsOrigin['requests'][number][] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const listener: RequestListener = (req, res) => {
    const { method = '', url = '', rawHeaders } = req;
    const request = { method, url, rawHeaders, body: '' };
    requests.push(request);
    req.on('data', (part: Buffer) => (request.body += part.toString()));
    handler(req, res);
  };
  // The compatibility API of HTTP/2 has all that tests use.
  const server =
    version === 'HTTP/2' ? createSecureServer(selfSigned, listener as never) : createServer(selfSigned, listener);
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('sessionError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin: TlsOrigin = {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get connections() {
      return connections;
    },
    get open() {
      return sockets.size;
    },
    async close() {
      if (!running.delete(origin)) return;
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  running.add(origin);
  return origin;
}

const closers: (() => Promise<void>)[] = [];

/** Makes an engine to which 127.0.0.1 is open. {@link closeEngines} closes it, because its processes are worth keeping for a whole file. */
export async function openEngine(options: Partial<ImpersonateEngineDeps> = {}): Promise<FetchEngine> {
  const guard = createGuard(['127.0.0.1']);
  const egress = await createEgressProxy({ guard });
  const plain = createHttpEngine({ lookup: guard.lookup, attemptTimeoutMs: 20_000, connectionsPerHost: 16 });
  const engine = createImpersonateEngine({ egress, plain, attemptTimeoutMs: 20_000, ...options });
  if (engine === undefined) throw new Error('impit is not installed');
  closers.push(async () => {
    await engine.close();
    await egress.close();
  });
  return engine;
}

export async function closeEngines(): Promise<void> {
  await Promise.all(closers.splice(0).map((close) => close()));
}

export const outcomeOf = (sending: Promise<unknown>): Promise<unknown> =>
  sending.then(
    () => 'an answer',
    (error: unknown) => outcomeOfError(error) ?? error,
  );

export interface SendOptions extends Partial<Pick<OutgoingRequest, 'method' | 'body' | 'deviceType'>> {
  readonly callerHeaders?: Readonly<Record<string, string>>;
  readonly cookie?: string;
  readonly profile?: HeaderProfileName;
  readonly route?: Partial<Route>;
  readonly attempt?: { onInterrupt: ((reason: unknown) => void) | undefined };
}

/** Makes a request with the headers that the fetcher would give it. */
export function send(engine: FetchEngine, target: string, options: SendOptions = {}): ReturnType<FetchEngine['send']> {
  const { method = 'GET', body, deviceType = 'desktop', callerHeaders = {}, cookie, profile = 'chrome' } = options;
  const url = new URL(target);
  const hop = { url, method, body, callerHeaders: Object.entries(callerHeaders), authorization: undefined };
  return engine.send(
    { url, method, body, deviceType, headers: headersOf(hop, deviceType, cookie, profile) },
    options.attempt ?? { onInterrupt: undefined },
    { proxy: undefined, isFresh: false, profile, ...options.route },
  );
}

export async function textOf(body: AnswerBody): Promise<string> {
  const parts: Buffer[] = [];
  await body.readInto((part) => void parts.push(part));
  return Buffer.concat(parts).toString();
}

export const namesOf = (rawHeaders: readonly string[] = []): readonly string[] =>
  rawHeaders.filter((_, index) => index % 2 === 0);

export const valueOf = (rawHeaders: readonly string[] = [], name: string): string | undefined =>
  rawHeaders[rawHeaders.findIndex((each, index) => index % 2 === 0 && each.toLowerCase() === name) + 1];
