/** Lower case; the common `uk` is `gb`. Undefined when it is not of two letters. */
export function countryCodeOf(text: string): string | undefined {
  const code = text.toLowerCase();
  if (!/^[a-z]{2}$/.test(code)) return undefined;
  return code === 'uk' ? 'gb' : code;
}
