import type { Socket } from 'node:net';
import { cut } from './tunnel';

const LOOK_INTERVAL_MS = 1_000;

/**
 * Bounds the connections of clients. When there is no room for one more, the one that has been idle for the longest time is cut.
 *
 * Node's byte counts are sampled once per second: listening to every chunk would cost more, and would keep the HTTP parser from reading the
 * socket by itself.
 */
export class ConnectionLimit {
  readonly #max: number;
  /** Bytes of each connection at the last sample. Those idle for the longest time come first; active ones are in any order. */
  readonly #bytesOf = new Map<Socket, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(max: number) {
    this.#max = max;
    this.#timer = setInterval(() => this.#look(), LOOK_INTERVAL_MS).unref();
  }

  admit(socket: Socket): void {
    if (this.#bytesOf.size >= this.#max) this.#cutIdlest();
    this.#bytesOf.set(socket, bytesOver(socket));
    socket.once('close', () => this.#bytesOf.delete(socket));
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    // An entry moved to the end is met again in this loop, and has no new bytes then.
    for (const [socket, bytes] of this.#bytesOf) this.#moveIfUsed(socket, bytes);
  }

  #cutIdlest(): void {
    for (const [socket, bytes] of this.#bytesOf) {
      if (this.#moveIfUsed(socket, bytes)) continue;
      this.#bytesOf.delete(socket); // This is done at once, because `close` comes later.
      return cut(socket);
    }
  }

  #moveIfUsed(socket: Socket, bytes: number): boolean {
    const now = bytesOver(socket);
    if (now === bytes) return false;
    this.#bytesOf.delete(socket);
    this.#bytesOf.set(socket, now);
    return true;
  }
}

/** Bytes in both directions, which covers the traffic of the target as well. */
function bytesOver({ bytesRead, bytesWritten }: Socket): number {
  return bytesRead + bytesWritten;
}
