const MAX_ORIGINS = 1_000;

/** Origins whose last answer only a lenient parser has understood: asking the strict one first would cost them two requests per page. */
export class OddOrigins {
  readonly #origins = new Set<string>();

  has(origin: string): boolean {
    return this.#origins.size > 0 && this.#origins.has(origin);
  }

  note(origin: string, isStandard: boolean): void {
    if (isStandard) {
      if (this.#origins.size > 0) this.#origins.delete(origin);
      return;
    }
    if (this.#origins.size >= MAX_ORIGINS) this.#origins.clear();
    this.#origins.add(origin);
  }
}
