const MINUTE_MS = 60_000;

/**
 * A time as `datetime-local` fields have it, in the zone of the reader and to the minute.
 * @param offsetMs distance from now; not used when `at`, an RFC 3339 time, is there
 */
export function localNow(offsetMs: number, at?: string): string {
  const given = at === undefined ? NaN : Date.parse(at);
  const ms = Number.isNaN(given) ? Date.now() + offsetMs : given;
  const shifted = new Date(ms - new Date(ms).getTimezoneOffset() * MINUTE_MS);
  return shifted.toISOString().slice(0, 16);
}

/** The value of such a field as RFC 3339; undefined while it is empty or incomplete. */
export function rfc3339(local: string): string | undefined {
  const ms = local === '' ? NaN : new Date(local).getTime();
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
