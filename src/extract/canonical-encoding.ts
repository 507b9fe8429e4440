/**
 * The name that the WHATWG Encoding Standard gives to a label (`latin1` is `windows-1252`, `unicode` is `utf-16le`);
 * undefined for labels that nobody knows and for the few encodings that Node does not have.
 */
export function canonicalEncoding(label: string | undefined): string | undefined {
  if (label === undefined) return undefined;
  const key = label.trim().toLowerCase();
  const before = known.get(key);
  if (before !== undefined) return before;
  try {
    const { encoding } = new TextDecoder(key);
    known.set(key, encoding);
    return encoding;
  } catch {
    return undefined;
  }
}

/** Only labels that exist, so it cannot grow. Making a decoder just for its name takes 20 times as long. */
const known = new Map<string, string>();
