/** A queue whose lanes take turns, so that one with a thousand items does not keep the others waiting. */
export class FairQueue<T> {
  /** Lanes in the order of their turns. None is empty. */
  readonly #lanes = new Map<string, Set<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(lane: string, item: T): void {
    const items = this.#lanes.get(lane);
    if (items === undefined) this.#lanes.set(lane, new Set([item]));
    else items.add(item);
    this.#size += 1;
  }

  shift(): T | undefined {
    for (const [lane, items] of this.#lanes) {
      const [item] = items;
      if (item === undefined) return undefined; // never: no lane is empty
      this.#lanes.delete(lane);
      this.#size -= 1;
      items.delete(item);
      if (items.size > 0) this.#lanes.set(lane, items); // it goes behind the others
      return item;
    }
    return undefined;
  }

  remove(lane: string, item: T): void {
    const items = this.#lanes.get(lane);
    if (items?.delete(item) !== true) return;
    this.#size -= 1;
    if (items.size === 0) this.#lanes.delete(lane);
  }
}
