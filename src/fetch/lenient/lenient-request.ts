import type { Socket } from 'node:net';
import { errors } from 'undici';
import type { Dispatcher } from 'undici';
import { ResponseParser } from './response-parser';

export interface LenientRequestOptions {
  readonly method: string;
  /** Head and body, as bytes of the wire. */
  readonly message: Buffer;
  readonly handler: Dispatcher.DispatchHandler;
  /** Called once, when the connection is done with. @param isStandard all of the answer that came was as RFC 9112 wants it */
  readonly onDone: (isStandard: boolean) => void;
}

/** One request over a connection of its own, whose answer is read leniently. It reports to a handler as undici does. */
export class LenientRequest implements Dispatcher.DispatchController {
  rawHeaders: Buffer[] = [];
  reason: Error | null = null;
  paused = false;
  readonly #options: LenientRequestOptions;
  readonly #parser: ResponseParser;
  #socket: Socket | undefined;
  #isOver = false;

  constructor(options: LenientRequestOptions) {
    this.#options = options;
    const { method, handler } = options;
    this.#parser = new ResponseParser(method, {
      onHead: ({ statusCode, statusText, headers }) => {
        this.rawHeaders = headers.flatMap((pair) => pair.map((text) => Buffer.from(text, 'latin1')));
        handler.onResponseStart?.(this, statusCode, {}, statusText);
      },
      onData: (chunk) => handler.onResponseData?.(this, chunk),
      onEnd: () => this.#end(),
    });
  }

  /** Tells the handler, which may give up at once. */
  begin(): void {
    this.#options.handler.onRequestStart?.(this, {});
  }

  get aborted(): boolean {
    return this.#isOver;
  }

  /** Sends the request over `socket`, which is destroyed at the end; not when the request has been given up meanwhile. */
  start(socket: Socket): void {
    socket.on('error', (error) => this.fail(error)); // stays: nobody may be listening when a later error comes
    if (this.#isOver) {
      socket.destroy();
      return;
    }
    this.#socket = socket;
    socket.on('data', (chunk) => this.#guarded(() => this.#parser.push(chunk)));
    socket.on('end', () => this.#guarded(() => this.#parser.end()));
    socket.on('close', () => this.fail(new errors.SocketError('closed')));
    socket.write(this.#options.message);
  }

  /** Ends it with an error; harmless once it is over. */
  fail(error: unknown): void {
    if (this.#isOver) return;
    this.#over();
    this.#options.handler.onResponseError?.(this, error as Error); // as: whatever it is, it is handed on
  }

  abort(reason: Error): void {
    this.reason = reason;
    this.fail(reason);
  }

  pause(): void {
    this.paused = true;
    this.#parser.pause();
    this.#socket?.pause();
  }

  resume(): void {
    this.paused = false;
    this.#guarded(() => this.#parser.resume());
    // What the parser still held may have been enough to be paused again.
    if (!this.#parser.isPaused) this.#socket?.resume();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#over();
    this.#options.handler.onResponseEnd?.(this, {});
  }

  #over(): void {
    this.#isOver = true;
    this.#socket?.destroy();
    this.#options.onDone(this.#parser.isStandard);
  }

  /** What the parser or a handler throws ends the request. */
  #guarded(work: () => void): void {
    if (this.#isOver) return;
    try {
      work();
    } catch (error) {
      this.fail(error);
    }
  }
}

export interface RequestMessage {
  readonly method: string;
  /** As it goes out: see `requestTarget`. */
  readonly path: string;
  /** Host and port as the URL has them. */
  readonly host: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: string | undefined;
}

/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const TARGET = /^[\x21-\xff]+$/;
/** These announce a body even where there is none, as undici does (lib/dispatcher/client-h1.js, expectsPayload). */
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH']);

/**
 * A request as undici would write it, so that a target cannot tell which of the two has sent it.
 * Throws a TypeError for what would end a line: a header, or a request, of somebody else's making would begin there.
 */
export function requestMessage({ method, path, host, headers, body }: RequestMessage): Buffer {
  if (!TOKEN.test(method) || !TARGET.test(path)) throw new TypeError('a request line may hold no blanks or controls');
  const lines = [`${method} ${path} HTTP/1.1`, `host: ${host}`, 'connection: keep-alive'];
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const [name = '', value = ''] = headers.slice(at, at + 2);
    if (!TOKEN.test(name) || !VALUE.test(value)) throw new TypeError(`the header ${JSON.stringify(name)} is not valid`);
    lines.push(`${name}: ${value}`);
  }
  const bytes = Buffer.from(body ?? '', 'utf8');
  if (bytes.length > 0 || WITH_BODY.has(method)) lines.push(`content-length: ${bytes.length}`);
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), bytes]);
}
