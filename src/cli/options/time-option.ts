import { usageError } from '../cli-error';

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A time as the API takes it, from an RFC 3339 time, a date, or how long ago: `90m`, `2h`, `3d`. */
export function timeOption(flag: string, text: string, nowMs = Date.now()): string {
  const [, amount, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (amount !== undefined)
    return new Date(nowMs - Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS]).toISOString(); // as: the pattern has checked it
  const ms = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(ms))
    throw usageError(`${flag} must be like 2h, 3d or 2026-03-02T09:30:00Z, not ${JSON.stringify(text)}.`);
  return new Date(ms).toISOString();
}
