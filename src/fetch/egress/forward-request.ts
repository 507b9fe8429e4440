import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ResponseHead } from '../lenient/response-head';
import { requestTarget } from '../request-target';
import { authorityOf } from './egress-target';
import type { Dial, EgressTarget } from './egress-target';
import type { OutboundRoute } from './outbound-routes';
import { RefusedError, answerRefusal, FORBIDDEN_HEADER, TROUBLE_HEADER } from './refusal';
import { TargetConnection } from './target-connection';

/** The limit for the head of a request: four times Node's default, because cookies come in long lines. */
export const MAX_HEADER_BYTES = 64 * 1024;

/**
 * Forwards plain HTTP. Each client connection has at most one connection to a target, which is reused while the client stays with that target;
 * when one ends, so does the other. So clients share nothing, and see what they would see without a proxy. Answers are read as leniently as
 * browsers read them, and passed on in the form that the RFCs prescribe.
 */
export class RequestForwarder {
  readonly #dial: Dial;
  readonly #connections = new WeakMap<Socket, ClientConnection>();

  constructor(dial: Dial) {
    this.#dial = dial;
  }

  /** Forwards a request. Throws a `RefusedError` when it is ambiguous. */
  forward(req: IncomingMessage, res: ServerResponse, route: OutboundRoute, target: EgressTarget): void {
    // Node's parser refuses both together; should that change, this still prevents request smuggling.
    if (req.headers['transfer-encoding'] !== undefined && req.headers['content-length'] !== undefined)
      throw new RefusedError(400);
    let client = this.#connections.get(req.socket);
    if (client?.isBusy === true) {
      req.socket.destroy(); // engines do not pipeline
      return;
    }
    if (client === undefined || !client.leadsTo(route, target)) {
      client?.close();
      client = new ClientConnection(req.socket, route, target, this.#dial);
      this.#connections.set(req.socket, client);
    }
    client.send(req, res, target.url);
  }
}

/** The connection of a client, together with the one to its target. */
class ClientConnection {
  isBusy = false;
  readonly #client: Socket;
  readonly #route: OutboundRoute;
  readonly #target: EgressTarget;
  readonly #dial: Dial;
  readonly #gone = new AbortController();
  readonly #onClientClose = () => this.close();
  #connection: TargetConnection | undefined;

  constructor(client: Socket, route: OutboundRoute, target: EgressTarget, dial: Dial) {
    this.#client = client;
    this.#route = route;
    this.#target = target;
    this.#dial = dial;
    client.once('close', this.#onClientClose);
  }

  leadsTo(route: OutboundRoute, target: EgressTarget): boolean {
    return route === this.#route && authorityOf(target.url) === authorityOf(this.#target.url);
  }

  close(): void {
    this.#client.off('close', this.#onClientClose);
    this.#gone.abort();
    this.#connection?.close();
  }

  send(req: IncomingMessage, res: ServerResponse, url: URL): void {
    this.isBusy = true;
    res.sendDate = false;
    res.on('close', () => {
      this.isBusy = false;
      if (!res.writableFinished) this.#connection?.close();
    });
    this.#connected().then(
      (connection) => this.#ask(connection, req, res, url),
      (error: unknown) => answerRefusal(res, error),
    );
  }

  async #connected(): Promise<TargetConnection> {
    if (this.#connection?.isOpen === true) return this.#connection;
    const socket = await this.#dial(this.#route, this.#target, this.#gone.signal);
    // When the target ends a kept connection, the client's ends as well, so that the client learns of it.
    const connection = new TargetConnection(socket, () => this.#client.end());
    this.#connection = connection;
    if (this.#gone.signal.aborted) connection.close();
    return connection;
  }

  #ask(connection: TargetConnection, req: IncomingMessage, res: ServerResponse, url: URL): void {
    if (!connection.isOpen) return; // the client has disconnected meanwhile
    const { method = 'GET', rawHeaders } = req;
    const headers = requestHeadersOf(rawHeaders, method, url.host);
    const lines = headers.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${headers[at + 1]}\r\n`] : []));
    const head = `${method} ${requestTarget(url)} HTTP/1.1\r\n${lines.join('')}\r\n`;
    const isChunked = req.headers['transfer-encoding'] !== undefined;
    const { isUsed } = connection;
    res.on('drain', () => connection.resume());
    connection.ask(
      { method, head, body: req, isChunked },
      {
        onHead: (answer) => this.#begin(res, answer, connection.mayStay),
        onData: (chunk) => {
          if (!res.write(chunk)) connection.pause();
        },
        onEnd: () => void res.end(),
        onError: (error, hasBegun) => {
          // The client must not take a truncated answer for complete. And when the target has just closed a reused connection, a client
          // that sees the same knows to send the request again.
          if (res.headersSent || (isUsed && !hasBegun)) this.#client.destroy();
          else answerRefusal(res, error);
        },
      },
    );
  }

  #begin(res: ServerResponse, { statusCode, statusText, headers }: ResponseHead, isKept: boolean): void {
    res.writeHead(statusCode, cleanText(statusText), responseHeadersOf(headers.flat(), isKept));
  }
}

/** Headers for one connection only: those of RFC 9110 §7.6.1, and what old clients and proxies send. Node's parser answers `expect` itself. */
const HOP_BY_HOP = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Headers of our own about a connection. A target that could send them would end jobs as forbidden. */
const OURS = new Set([FORBIDDEN_HEADER, TROUBLE_HEADER]);
/** Methods to which Node gives a chunked body when the headers announce none. */
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);

/**
 * Headers as a client without a proxy would send them: names and values, alternating, in its order.
 * @param host host of the URL that the guard checked; it replaces the `host` header
 */
function requestHeadersOf(raw: readonly string[], method: string, host: string): readonly string[] {
  const kept = endToEnd(raw).filter(([name]) => name.toLowerCase() !== 'host');
  const isChunked = pairsOf(raw).some(([name]) => name.toLowerCase() === 'transfer-encoding');
  const hasLength = kept.some(([name]) => name.toLowerCase() === 'content-length');
  return [
    ...['Host', host, 'Connection', 'keep-alive'], // Browsers begin like this.
    ...kept.flat(),
    ...(isChunked ? ['Transfer-Encoding', 'chunked'] : []),
    ...(WITH_BODY.has(method) && !isChunked && !hasLength ? ['Content-Length', '0'] : []),
  ];
}

function responseHeadersOf(raw: readonly string[], isKept: boolean): string[] {
  const kept = endToEnd(raw).filter(([name]) => !OURS.has(name.toLowerCase()));
  return [...kept.flatMap(([name, value]) => [name, cleanText(value)]), ...(isKept ? [] : ['Connection', 'close'])];
}

/** Removes characters that are not allowed in a header (RFC 9110 §5.5): browsers accept them, but Node refuses to send them. */
const cleanText = (text: string): string => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '');

function endToEnd(raw: readonly string[]): readonly (readonly [string, string])[] {
  const pairs = pairsOf(raw);
  const named = pairs.flatMap(([name, value]) => (name.toLowerCase() === 'connection' ? value.split(',') : []));
  const dropped = new Set(named.map((name) => name.trim().toLowerCase()));
  dropped.delete('content-length'); // it frames the body, so `connection` must not remove it
  return pairs.filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase()) && !dropped.has(name.toLowerCase()));
}

function pairsOf(raw: readonly string[]): readonly (readonly [string, string])[] {
  return raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? ''] as const] : []));
}
