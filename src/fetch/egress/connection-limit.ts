import type { Socket } from 'node:net';
import { cut } from './tunnel';

const LOOK_INTERVAL_MS = 1_000;

/**
 * Bounds the connections of clients. Where there is no room for one more, the one over which no byte has gone for the longest time is cut.
 *
 * What goes over them is seen by looking at Node's counts now and then: counting along would cost something with every chunk, and would take
 * away from the HTTP parser that it reads from the socket by itself.
 */
export class ConnectionLimit {
  readonly #max: number;
  /** With the bytes counted at the last look. The longest without one come first; among those that moved between two looks, any order. */
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
    // What is moved to the end is met once more there, and then has not moved.
    for (const [socket, bytes] of this.#bytesOf) this.#moveIfUsed(socket, bytes);
  }

  #cutIdlest(): void {
    for (const [socket, bytes] of this.#bytesOf) {
      if (this.#moveIfUsed(socket, bytes)) continue;
      this.#bytesOf.delete(socket); // and not when it has closed, which is later
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

/** In both directions, and so of the target as well. */
function bytesOver({ bytesRead, bytesWritten }: Socket): number {
  return bytesRead + bytesWritten;
}
