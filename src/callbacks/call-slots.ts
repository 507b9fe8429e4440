/** Counts the calls in flight of all receivers of a worker. */
export class CallSlots {
  readonly #capacity: number;
  #taken = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get isFree(): boolean {
    return this.#taken < this.#capacity;
  }

  take(): void {
    this.#taken += 1;
  }

  giveBack(): void {
    this.#taken -= 1;
  }
}
