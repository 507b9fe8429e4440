/** Cuts a list into groups of neighbours that are worked on at the same time. An item that is larger than the limit comes alone. */
export function* groupsWithin<T>(
  items: readonly T[],
  bytesOf: (item: T) => number,
  { maxItems, maxBytes }: { readonly maxItems: number; readonly maxBytes: number },
): Generator<T[]> {
  let group: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const more = bytesOf(item);
    if (group.length === maxItems || (group.length > 0 && bytes + more > maxBytes)) {
      yield group;
      [group, bytes] = [[], 0];
    }
    group.push(item);
    bytes += more;
  }
  if (group.length > 0) yield group;
}
