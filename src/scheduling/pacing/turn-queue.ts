import { abortable } from '../../async/until-aborted';
import type { Ending } from '../../async/until-aborted';

/** Requests that wait for their turn at a host, as after a redirect; first come, first served. */
export class TurnQueue {
  readonly #waiting = new Set<Ending<void>>();

  get size(): number {
    return this.#waiting.size;
  }

  /** Waits for the turn of one more request. Rejects with the signal's reason, or when turns are refused. */
  wait(signal: AbortSignal): Promise<void> {
    return abortable(signal, (turn) => {
      this.#waiting.add(turn);
      return () => void this.#waiting.delete(turn);
    });
  }

  grantNext(): void {
    const [next] = this.#waiting;
    next?.resolve();
  }

  refuseAll(createError: () => Error): void {
    for (const { reject } of [...this.#waiting]) reject(createError());
  }
}
