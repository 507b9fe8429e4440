/**
 * The name that the WHATWG Encoding Standard gives to a label (`latin1` is `windows-1252`, `unicode` is `utf-16le`);
 * undefined for labels that nobody knows and for the few encodings that Node does not have.
 */
export function canonicalEncoding(label: string | undefined): string | undefined {
  if (label === undefined) return undefined;
  try {
    return new TextDecoder(label.trim()).encoding;
  } catch {
    return undefined;
  }
}
