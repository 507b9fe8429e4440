/** When jobs of a key that is at its limit come back: a large backlog must not keep the server busy with asking. */
export class KeyBackOff {
  readonly #turnedAway = new Map<string, number>();

  /** Longer the more have been turned away since the key last had room. Milliseconds. */
  askAgainAfterMs(apiKeyId: string, limit: number): number {
    const waiting = (this.#turnedAway.get(apiKeyId) ?? 0) + 1;
    this.#turnedAway.set(apiKeyId, waiting);
    return Math.min(500 + (waiting / limit) * 100, 15_000) * (0.8 + 0.4 * Math.random());
  }

  /** The key has room again. */
  forget(apiKeyId: string): void {
    this.#turnedAway.delete(apiKeyId);
  }
}
