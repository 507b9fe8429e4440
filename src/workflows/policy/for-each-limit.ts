/**
 * Child starts in flight per parent. With 250 at once the server ran 9 jobs/s, with 4 it ran 27, because starts queue on the
 * parent's lock.
 */
export const STARTS_IN_FLIGHT = 4;

/** Calls `run` for each item, with at most `width` calls in flight. The loops share one iterator. */
export async function forEachLimit<T>(
  items: Iterable<T>,
  width: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const work = async () => {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) await run(next.value);
  };
  await Promise.all(Array.from({ length: width }, work));
}
