import type { LookupAddress } from 'node:dns';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** Time between the beginnings of two attempts, as RFC 8305 §5 recommends. */
const STAGGER_MS = 250;
/** We open no more sockets to one host at a time. The ninth address takes the place of one that has had at least two seconds. */
const MAX_SOCKETS = 8;

export interface RaceOptions {
  readonly port: number;
  /** How many bytes the socket reads ahead. @default Node's */
  readonly highWaterMark: number | undefined;
  readonly onConnected: (socket: Socket) => void;
  /** Called when none of the addresses can be connected to. */
  readonly onFailed: () => void;
}

/**
 * Connects to whichever address answers first (RFC 8305 §5). An attempt that is under way is not given up because the next one begins: a
 * slow address, or one whose first SYN was lost, keeps its chance for as long as the caller waits.
 * Node's own way (`autoSelectFamily`) gives each address but the last 250 ms and no second chance, so a host that is 300 ms away and has an
 * IPv6 address could not be reached from a machine without IPv6 (measured, Node 20.20).
 */
export class AddressRace {
  readonly errors: Error[] = [];
  readonly #options: RaceOptions;
  readonly #waiting: LookupAddress[];
  /** Attempts under way, the oldest first. */
  readonly #running = new Set<Socket>();
  #timer: NodeJS.Timeout | undefined;

  constructor(addresses: readonly LookupAddress[], options: RaceOptions) {
    this.#waiting = [...addresses];
    this.#options = options;
  }

  startNext(): void {
    clearTimeout(this.#timer);
    const next = this.#waiting.shift();
    if (next === undefined) return;
    if (this.#running.size >= MAX_SOCKETS) this.#dropOldest();
    this.#start(next.address);
    if (this.#waiting.length > 0) this.#timer = setTimeout(() => this.startNext(), STAGGER_MS);
  }

  /** Closes every socket that has not won. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
    for (const socket of this.#running) socket.destroy();
    this.#running.clear();
  }

  #start(host: string): void {
    const { port, highWaterMark, onConnected } = this.#options;
    const socket = connect({
      ...{ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 },
      ...(highWaterMark !== undefined && { highWaterMark }),
    });
    this.#running.add(socket);
    // The listener stays, because nobody else may be listening when a later error comes.
    socket.on('error', (error) => this.#onError(socket, error));
    socket.once('connect', () => {
      if (!this.#running.delete(socket)) return;
      this.stop();
      onConnected(socket);
    });
  }

  #onError(socket: Socket, error: Error): void {
    if (!this.#running.delete(socket)) return; // it has won, or is not wanted any more
    this.errors.push(error);
    if (this.#waiting.length > 0) this.startNext();
    else if (this.#running.size === 0) this.#options.onFailed();
  }

  #dropOldest(): void {
    for (const oldest of this.#running) {
      this.#running.delete(oldest);
      oldest.destroy();
      return;
    }
  }
}
