/** Many of a kind in one line. */
export class Findings {
  readonly #title: string;
  readonly #found: string[] = [];

  constructor(title: string) {
    this.#title = title;
  }

  add(finding: string): void {
    this.#found.push(finding);
  }

  lines(): string[] {
    const { length } = this.#found;
    return length === 0 ? [] : [`${length} ${this.#title}, such as: ${this.#found.slice(0, 3).join('; ')}`];
  }
}
