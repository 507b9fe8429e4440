import { Agent, request } from 'node:http';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Dial } from './dial-target';
import { requestHeadersOf, responseHeadersOf } from './forwarded-headers';
import { RefusedError, answerRefusal } from './refusal';
import { authorityOf } from './target-of';
import type { EgressTarget } from './target-of';
import type { WayOut } from './ways-out';

/** Four times Node's default, as in the `http` engine: cookies come in long lines. */
export const MAX_HEADER_BYTES = 64 * 1024;

/**
 * Forwards plain HTTP. A client's connection has at most one to a target: it is used again while the client stays with that target, and what
 * ends one ends the other. So clients share nothing, and see what they would see without a proxy.
 */
export class RequestForwarder {
  readonly #dial: Dial;
  readonly #lines = new WeakMap<Socket, Line>();

  constructor(dial: Dial) {
    this.#dial = dial;
  }

  /** Throws a `RefusedError` for what is not forwarded. */
  forward(req: IncomingMessage, res: ServerResponse, way: WayOut, target: EgressTarget): void {
    // Node's parser refuses both together; should that change, two readers must still not see the request end in two places.
    if (req.headers['transfer-encoding'] !== undefined && req.headers['content-length'] !== undefined)
      throw new RefusedError(400);
    let line = this.#lines.get(req.socket);
    if (line?.isBusy === true) {
      req.socket.destroy(); // engines do not pipeline
      return;
    }
    if (line === undefined || !line.leadsTo(way, target)) {
      line?.close();
      line = new Line(req.socket, way, target, this.#dial);
      this.#lines.set(req.socket, line);
    }
    line.send(req, res, target.url);
  }
}

/** The connection of a client, and the one to its target. */
class Line {
  isBusy = false;
  readonly #client: Socket;
  readonly #way: WayOut;
  readonly #authority: string;
  readonly #agent: Agent;
  readonly #gone = new AbortController();
  readonly #onClientClose = () => this.close();

  constructor(client: Socket, way: WayOut, target: EgressTarget, dial: Dial) {
    this.#client = client;
    this.#way = way;
    this.#authority = authorityOf(target.url);
    this.#agent = new OneSocketAgent(async () => {
      const socket = await dial(way, target, this.#gone.signal);
      socket.once('close', () => {
        if (!this.isBusy && !this.#gone.signal.aborted) client.end(); // as the target did
      });
      return socket;
    });
    client.once('close', this.#onClientClose);
  }

  leadsTo(way: WayOut, target: EgressTarget): boolean {
    return way === this.#way && authorityOf(target.url) === this.#authority;
  }

  close(): void {
    this.#client.off('close', this.#onClientClose);
    this.#gone.abort();
    this.#agent.destroy();
  }

  send(req: IncomingMessage, res: ServerResponse, url: URL): void {
    const { method = 'GET', rawHeaders } = req;
    const outgoing = request({
      agent: this.#agent,
      host: url.hostname,
      port: url.port,
      method,
      path: url.pathname + url.search,
      headers: requestHeadersOf(rawHeaders, method, url.host),
      maxHeaderSize: MAX_HEADER_BYTES,
    });
    this.isBusy = true;
    res.sendDate = false;
    res.on('close', () => {
      this.isBusy = false;
      if (!res.writableFinished) outgoing.destroy();
    });
    outgoing.on('response', (answer) => this.#pass(answer, outgoing, res));
    outgoing.on('error', (error) => this.#fail(error, outgoing, res));
    outgoing.on('close', () => this.#fail(new Error('closed'), outgoing, res)); // answered by an upgrade that nobody asked for
    req.pipe(outgoing);
  }

  #pass(answer: IncomingMessage, outgoing: ClientRequest, res: ServerResponse): void {
    answer.on('error', () => this.#client.destroy()); // cut off: the client must not take it for complete
    try {
      const headers = responseHeadersOf(answer.rawHeaders, outgoing.shouldKeepAlive);
      res.writeHead(answer.statusCode ?? 502, answer.statusMessage, headers);
    } catch {
      this.#client.destroy();
    }
    answer.pipe(res);
  }

  #fail(error: Error, outgoing: ClientRequest, res: ServerResponse): void {
    if (res.headersSent) return; // then the answer tells how it ended
    // The target may just have closed a connection that was used before. A client knows what to do then, if it sees the same.
    if (outgoing.reusedSocket) this.#client.destroy();
    else answerRefusal(res, error);
  }
}

class OneSocketAgent extends Agent {
  readonly #open: () => Promise<Duplex>;

  constructor(open: () => Promise<Duplex>) {
    super({ keepAlive: true, maxSockets: 1, maxFreeSockets: 1 });
    this.#open = open;
  }

  override createConnection(_options: unknown, callback?: (error: Error | null, socket: Duplex) => void): undefined {
    this.#open().then(
      (socket) => callback?.(null, socket),
      (error: unknown) => (callback as (error: unknown) => void)(error), // as: without a socket, which the type cannot say
    );
    return undefined;
  }
}
