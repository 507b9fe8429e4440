import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ResponseHead } from '../lenient/response-head';
import { requestTarget } from '../request-target';
import type { Dial } from './dial-target';
import { cleanText, requestHeadersOf, responseHeadersOf } from './forwarded-headers';
import { RefusedError, answerRefusal } from './refusal';
import { TargetConnection } from './target-connection';
import { authorityOf } from './target-of';
import type { EgressTarget } from './target-of';
import type { OutboundRoute } from './outbound-routes';

/** The limit for the head of a request: four times Node's default, because cookies come in long lines. */
export const MAX_HEADER_BYTES = 64 * 1024;

/**
 * Forwards plain HTTP. A client's connection has at most one to a target: it is used again while the client stays with that target, and what
 * ends one ends the other. So clients share nothing, and see what they would see without a proxy. Answers are read as leniently as browsers
 * do, and passed on as the RFCs want them.
 */
export class RequestForwarder {
  readonly #dial: Dial;
  readonly #lines = new WeakMap<Socket, Line>();

  constructor(dial: Dial) {
    this.#dial = dial;
  }

  /** Throws a `RefusedError` for what is not forwarded. */
  forward(req: IncomingMessage, res: ServerResponse, route: OutboundRoute, target: EgressTarget): void {
    // Node's parser refuses both together; should that change, two readers must still not see the request end in two places.
    if (req.headers['transfer-encoding'] !== undefined && req.headers['content-length'] !== undefined)
      throw new RefusedError(400);
    let line = this.#lines.get(req.socket);
    if (line?.isBusy === true) {
      req.socket.destroy(); // engines do not pipeline
      return;
    }
    if (line === undefined || !line.leadsTo(route, target)) {
      line?.close();
      line = new Line(req.socket, route, target, this.#dial);
      this.#lines.set(req.socket, line);
    }
    line.send(req, res, target.url);
  }
}

/** The connection of a client, and the one to its target. */
class Line {
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
    // As the target did: a client that has been told to keep a connection learns so that it is gone.
    const connection = new TargetConnection(socket, () => this.#client.end());
    this.#connection = connection;
    if (this.#gone.signal.aborted) connection.close();
    return connection;
  }

  #ask(connection: TargetConnection, req: IncomingMessage, res: ServerResponse, url: URL): void {
    if (!connection.isOpen) return; // the client has gone meanwhile
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
          // Cut off: the client must not take it for complete. And the target may just have closed a connection that was used before: a
          // client knows what to do then, if it sees the same.
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
