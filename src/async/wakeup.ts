/** Lets one loop wait and others wake it. A wake-up that comes while nobody waits is kept for the next wait. */
export class Wakeup {
  #isPending = false;
  #answer: ((isWoken: boolean) => void) | undefined;

  wake(): void {
    if (this.#answer === undefined) this.#isPending = true;
    else this.#answer(true);
  }

  /** @returns whether it was woken within this time (ms) */
  wait(ms: number): Promise<boolean> {
    if (this.#isPending) {
      this.#isPending = false;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#answer?.(false), ms);
      this.#answer = (isWoken) => {
        clearTimeout(timer);
        this.#answer = undefined;
        resolve(isWoken);
      };
    });
  }
}
