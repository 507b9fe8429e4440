/** Fetches in flight per API key, in this worker, for keys that have a limit. */
export class KeyConcurrency {
  readonly #inFlight = new Map<string, number>();
  readonly #turnedAway = new Map<string, number>();

  /** @returns what gives the place back, or undefined when the key has none left */
  enter(apiKeyId: string, limit: number): (() => void) | undefined {
    const inFlight = this.#inFlight.get(apiKeyId) ?? 0;
    if (inFlight >= limit) {
      this.#turnedAway.set(apiKeyId, (this.#turnedAway.get(apiKeyId) ?? 0) + 1);
      return undefined;
    }
    this.#inFlight.set(apiKeyId, inFlight + 1);
    return () => {
      const left = (this.#inFlight.get(apiKeyId) ?? 1) - 1;
      if (left > 0) this.#inFlight.set(apiKeyId, left);
      else {
        this.#inFlight.delete(apiKeyId);
        this.#turnedAway.delete(apiKeyId);
      }
    };
  }

  /** Longer the more have been turned away, so that a large backlog does not keep the server busy with asking. Milliseconds. */
  askAgainAfterMs(apiKeyId: string, limit: number): number {
    const waiting = this.#turnedAway.get(apiKeyId) ?? 0;
    return Math.min(500 + (waiting / limit) * 100, 15_000) * (0.8 + 0.4 * Math.random());
  }
}
