export type HeaderPair = readonly [name: string, value: string];

/** Value of the first header with this name, in any case. */
export function headerValue(headers: readonly HeaderPair[], name: string): string | undefined {
  const wanted = name.toLowerCase();
  for (const [other, value] of headers) if (isName(other, wanted)) return value;
  return undefined;
}

export function headerValues(headers: readonly HeaderPair[], name: string): readonly string[] {
  const wanted = name.toLowerCase();
  return headers.filter(([other]) => isName(other, wanted)).map(([, value]) => value);
}

/**
 * Value of a header that is a list (RFC 9110 §5.3): all its lines, joined by commas; undefined when there is none.
 * @param name in lower case
 */
export function listHeader(headers: readonly HeaderPair[], name: string): string | undefined {
  const values = headers.filter(([other]) => isName(other, name)).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(', ');
}

/**
 * Value of a header that is sent once. Of several lines the last counts, as the Fetch Standard says of Content-Type.
 * @param name in lower case
 */
export function lastHeader(headers: readonly HeaderPair[], name: string): string | undefined {
  return headers.findLast(([other]) => isName(other, name))?.[1];
}

/** Compares lengths first, because most names differ in it. @param wanted in lower case */
export function isName(name: string, wanted: string): boolean {
  return name.length === wanted.length && name.toLowerCase() === wanted;
}
