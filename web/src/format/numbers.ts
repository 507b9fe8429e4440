const whole = new Intl.NumberFormat('en');
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** A count with separators: `12,345`. */
export const count = (value: number): string => whole.format(value);

/** A count for narrow places: `12.3K`. Below ten thousand it is exact. */
export const shortCount = (value: number): string => (Math.abs(value) < 10_000 ? count(value) : compact.format(value));

/** A count with its noun: `1 URL`, `2 URLs`. */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

/** A share of a whole. It says 0 % and 100 % only when that is exact, because people read 100 % as done. */
export function percent(part: number, total: number): string {
  if (total <= 0 || part <= 0) return '0 %';
  if (part >= total) return '100 %';
  const share = (part / total) * 100;
  if (share < 1) return '< 1 %';
  return share > 99 ? '> 99 %' : `${Math.round(share)} %`;
}

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** A size in bytes, in powers of a thousand: `20.4 kB`. */
export function bytes(value: number): string {
  const power = value < 1_000 ? 0 : Math.min(Math.floor(Math.log10(value) / 3), units.length - 1);
  const amount = value / 1_000 ** power;
  const digits = power === 0 || amount >= 100 ? 0 : 1;
  return `${amount.toFixed(digits)} ${units[power] ?? 'B'}`;
}

/** A rate for people: `0.4/s`, `57/s`; below one in ten seconds it is per minute. */
export function rate(perSecond: number): string {
  if (perSecond <= 0) return '0/s';
  if (perSecond < 0.1) return `${(perSecond * 60).toFixed(1)}/min`;
  return perSecond < 10 ? `${perSecond.toFixed(1)}/s` : `${count(Math.round(perSecond))}/s`;
}
