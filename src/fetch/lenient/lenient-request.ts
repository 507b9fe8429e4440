import type { Socket } from 'node:net';
import { errors } from 'undici';
import type { Dispatcher } from 'undici';
import { ResponseParser } from './response-parser';

export interface LenientRequestOptions {
  readonly method: string;
  /** Head and body as they are sent. */
  readonly message: Buffer;
  readonly handler: Dispatcher.DispatchHandler;
  /** Called once, when the connection is done with. @param isStandard true when the answer followed RFC 9112, as far as it came */
  readonly onDone: (isStandard: boolean) => void;
}

/** One request over a connection of its own, whose answer is read leniently. It calls a handler as undici does. */
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

  /** Tells the handler that the request starts; it may give up at once. */
  begin(): void {
    this.#options.handler.onRequestStart?.(this, {});
  }

  get aborted(): boolean {
    return this.#isOver;
  }

  /** Sends the request over `socket`, unless it has been given up meanwhile. The socket is destroyed at the end. */
  start(socket: Socket): void {
    socket.on('error', (error) => this.fail(error)); // this listener stays, because an error without one ends the process
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

  /** Ends the request with an error, unless it is over. */
  fail(error: unknown): void {
    if (this.#isOver) return;
    this.#over();
    this.#options.handler.onResponseError?.(this, error as Error); // as: the error is handed on, whatever it is
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
    // The handler may have paused again while the parser delivered what it held.
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

  /** Runs `work`, and ends the request with whatever the parser or a handler throws. */
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
  /** Request target as it is sent; see `requestTarget`. */
  readonly path: string;
  /** Host and port as in the URL. */
  readonly host: string;
  /** Names and values, alternating. */
  readonly headers: readonly string[];
  readonly body: string | undefined;
}

/** Characters of a token (RFC 9110 §5.6.2). */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const TARGET = /^[\x21-\xff]+$/;
/** Methods that announce a length even without a body, as undici does (lib/dispatcher/client-h1.js, expectsPayload). */
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH']);

/**
 * Writes a request as undici would, so that a target cannot tell which of the two has sent it.
 * Throws a TypeError for characters that would end a line, because they could smuggle in a header or a request.
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
