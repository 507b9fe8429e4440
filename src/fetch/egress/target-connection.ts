import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { errors } from 'undici';
import { ResponseParser } from '../lenient/response-parser';
import type { ResponseHandler } from '../lenient/response-parser';

/** A request to be sent on. */
export interface ForwardedRequest {
  readonly method: string;
  /** Request line and headers as they are sent, up to and with the empty line. */
  readonly head: string;
  readonly body: Readable;
  readonly isChunked: boolean;
}

export interface AnswerHandler extends ResponseHandler {
  /** Called at most once, and not after `onEnd`. @param hasBegun true when a part of the answer had come */
  onError(error: unknown, hasBegun: boolean): void;
}

interface Exchange {
  readonly parser: ResponseParser;
  readonly handler: AnswerHandler;
  isSent: boolean;
}

/** A connection to a target that serves one request after another, as long as everything on it follows the RFCs. */
export class TargetConnection {
  readonly #socket: Socket;
  #exchange: Exchange | undefined;
  #isUsed = false;

  /** @param onIdleEnd called when the target ends the connection while no request is open */
  constructor(socket: Socket, onIdleEnd: () => void) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#onData(chunk));
    socket.on('end', () => this.#guarded(({ parser }) => parser.end()));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => {
      if (this.#exchange === undefined) onIdleEnd();
      else this.#fail(new errors.SocketError('closed'));
    });
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  /** True once a request has been answered over it. */
  get isUsed(): boolean {
    return this.#isUsed;
  }

  /** Sends a request. The connection has to be open, and the next request has to wait until the answer has ended. */
  ask(request: ForwardedRequest, handler: AnswerHandler): void {
    const exchange: Exchange = { parser: new ResponseParser(request.method, handler), handler, isSent: false };
    this.#exchange = exchange;
    this.#socket.write(request.head, 'latin1');
    this.#send(request, exchange);
  }

  pause(): void {
    this.#exchange?.parser.pause();
    this.#socket.pause();
  }

  resume(): void {
    this.#guarded(({ parser }) => parser.resume());
    // The handler may have paused again while the parser delivered what it held.
    if (this.#exchange?.parser.isPaused !== true) this.#socket.resume();
  }

  /** Tells whether the connection may be kept, by the head of the answer. */
  get mayStay(): boolean {
    return this.#exchange?.parser.mayBeReusable === true;
  }

  close(): void {
    this.#exchange = undefined;
    this.#socket.removeAllListeners('close').destroy();
  }

  #onData(chunk: Buffer): void {
    if (this.#exchange === undefined) this.close(); // data without a request cannot be assigned to one
    this.#guarded(({ parser }) => parser.push(chunk));
  }

  #guarded(work: (exchange: Exchange) => void): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    try {
      work(exchange);
      if (exchange.parser.isEnded) this.#end(exchange);
    } catch (error) {
      this.#fail(error);
    }
  }

  #end(exchange: Exchange): void {
    if (this.#exchange !== exchange) return;
    this.#exchange = undefined;
    this.#isUsed = true;
    if (exchange.parser.isReusable && exchange.isSent) this.#socket.resume();
    else this.close();
  }

  #fail(error: unknown): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    this.close();
    exchange.handler.onError(error, exchange.parser.hasBegun);
  }

  #send({ body, isChunked }: ForwardedRequest, exchange: Exchange): void {
    const write = (bytes: Buffer): void => {
      if (this.#socket.write(bytes)) return;
      body.pause();
      this.#socket.once('drain', () => body.resume());
    };
    body.on('data', (chunk: Buffer) => {
      if (this.#exchange !== exchange) return;
      write(isChunked ? chunkOf(chunk) : chunk);
    });
    body.on('end', () => {
      exchange.isSent = true;
      if (isChunked && this.#exchange === exchange) this.#socket.write('0\r\n\r\n');
    });
  }
}

const chunkOf = (data: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from('\r\n')]);
