import type { Socket } from 'node:net';
import type { DialTarget } from '../../net/dial/dial-host';

/** Host and port that the proxy is asked for; it resolves the name. */
export type Target = DialTarget;

/** What a handshake reads from and writes to. */
export interface HandshakeChannel {
  readonly reader: HandshakeReader;
  readonly write: (bytes: string | Uint8Array) => void;
  /** Called before the target is named to the proxy. */
  readonly onAsked: () => void;
}

/** The proxy closed the connection before its answer was complete. */
export class HandshakeEndedError extends Error {
  constructor() {
    super('closed during the handshake');
    this.name = 'HandshakeEndedError';
  }
}

const EVENTS = ['readable', 'end', 'error', 'close'] as const;

/** Reads the first bytes of a connection and not one more, because what follows belongs to the user of the tunnel. */
export class HandshakeReader {
  readonly #socket: Socket;
  #held: Buffer = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** True when only a part of the expected bytes has come. */
  get isMidway(): boolean {
    return this.#held.length > 0;
  }

  async take(bytes: number): Promise<Buffer> {
    while (this.#held.length < bytes) await this.#more();
    return this.#cut(bytes);
  }

  /** Reads up to and with the empty line that ends a head of HTTP; undefined when there is none within `limitBytes`. */
  async takeHead(limitBytes: number): Promise<string | undefined> {
    for (;;) {
      const text = this.#held.toString('latin1');
      const end = /\r?\n\r?\n/.exec(text); // RFC 9112 §2.2: a lone LF may end a line
      const bytes = end === null ? text.length : end.index + end[0].length;
      if (bytes > limitBytes || (end === null && !mayBeHttp(text))) return undefined;
      if (end !== null) return this.#cut(bytes).toString('latin1');
      await this.#more();
    }
  }

  /** Returns the bytes that came too early to the socket. No other call may be open. */
  release(): void {
    if (this.#held.length > 0) this.#socket.unshift(this.#held);
    this.#held = Buffer.alloc(0);
  }

  #cut(bytes: number): Buffer {
    const taken = this.#held.subarray(0, bytes);
    this.#held = this.#held.subarray(bytes);
    return taken;
  }

  async #more(): Promise<void> {
    for (;;) {
      const chunk = this.#socket.read() as Buffer | null; // as: no encoding is set
      if (chunk !== null) {
        this.#held = Buffer.concat([this.#held, chunk]);
        return;
      }
      if (this.#socket.readableEnded || this.#socket.destroyed) throw new HandshakeEndedError();
      await anyOf(this.#socket);
    }
  }
}

/** Tells whether this may be the start of HTTP, so that another protocol is noticed before the time-out. */
function mayBeHttp(text: string): boolean {
  return text.startsWith('HTTP/'.slice(0, text.length));
}

function anyOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      for (const event of EVENTS) socket.off(event, wake);
      resolve();
    };
    for (const event of EVENTS) socket.on(event, wake);
  });
}
