export type HeaderPair = readonly [name: string, value: string];

/** The first header of that name, whatever its case. */
export function headerValue(headers: readonly HeaderPair[], name: string): string | undefined {
  const wanted = name.toLowerCase();
  for (const [other, value] of headers) if (isName(other, wanted)) return value;
  return undefined;
}

export function headerValues(headers: readonly HeaderPair[], name: string): readonly string[] {
  const wanted = name.toLowerCase();
  return headers.filter(([other]) => isName(other, wanted)).map(([, value]) => value);
}

/** Most names differ in length, which is cheaper to see. @param wanted in lower case */
export function isName(name: string, wanted: string): boolean {
  return name.length === wanted.length && name.toLowerCase() === wanted;
}
