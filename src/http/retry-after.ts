/** Dates of RFC 9110 §5.6.7: IMF-fixdate, and the two obsolete forms (RFC 850, asctime) that recipients still have to read. */
const HTTP_DATE =
  /^(?:(?:mon|tue|wed|thu|fri|sat|sun), \d{2} [a-z]{3} \d{4} \d{2}:\d{2}:\d{2} gmt|[a-z]{6,9}, \d{2}-[a-z]{3}-\d{2} \d{2}:\d{2}:\d{2} gmt|(?:mon|tue|wed|thu|fri|sat|sun) [a-z]{3} [ \d]\d \d{2}:\d{2}:\d{2} \d{4})$/i;

/**
 * Returns a Retry-After (RFC 9110 §10.2.3) as milliseconds from now, uncapped; undefined when it is absent or invalid. A date in the past
 * is 0.
 */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  const text = value?.trim() ?? '';
  // The grammar has no fractions, but several rate limiters send one.
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(Math.ceil(Number(text) * 1000), Number.MAX_SAFE_INTEGER);
  if (!HTTP_DATE.test(text)) return undefined;
  const atMs = Date.parse(/gmt$/i.test(text) ? text : `${text} GMT`); // asctime names no zone, and would be read as local time
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
