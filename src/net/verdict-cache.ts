/** Short enough for DNS answers that change, and long enough for the requests to one site. */
const KEPT_MS = 30_000;
const KEPT_NAMES = 5_000;

/**
 * Remembers for a moment what was found out about a name. Whoever asks at the same time shares one search.
 * @param now the time of any monotonic clock (ms)
 */
export function createVerdictCache<T>(
  find: (name: string) => Promise<T>,
  now: () => number,
): (name: string) => Promise<T> {
  const kept = new Map<string, { readonly verdict: Promise<T>; readonly until: number }>();
  return (name) => {
    const known = kept.get(name);
    if (known !== undefined && now() < known.until) return known.verdict;
    kept.delete(name); // it goes to the end, where the youngest are
    const [oldest] = kept.keys();
    if (oldest !== undefined && kept.size >= KEPT_NAMES) kept.delete(oldest);
    const verdict = find(name);
    kept.set(name, { verdict, until: now() + KEPT_MS });
    return verdict;
  };
}
