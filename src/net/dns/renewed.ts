/**
 * Reads again what may change, at most once in `keptMs`, and only when somebody wants to know.
 * @param now ms, of a monotonic clock
 */
export function renewed<T>(read: () => T, keptMs: number, now: () => number): () => T {
  let kept: { readonly value: T; readonly until: number } | undefined;
  return () => {
    if (kept === undefined || now() >= kept.until) kept = { value: read(), until: now() + keptMs };
    return kept.value;
  };
}
