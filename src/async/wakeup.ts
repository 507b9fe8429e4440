/** One waits, many ring. A ring that nobody hears is kept for the next who waits. */
export class Bell {
  #isRung = false;
  #answer: ((isRung: boolean) => void) | undefined;

  ring(): void {
    if (this.#answer === undefined) this.#isRung = true;
    else this.#answer(true);
  }

  /** @returns whether it rang within that time */
  wait(ms: number): Promise<boolean> {
    if (this.#isRung) {
      this.#isRung = false;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#answer?.(false), ms);
      this.#answer = (isRung) => {
        clearTimeout(timer);
        this.#answer = undefined;
        resolve(isRung);
      };
    });
  }
}
