import { durationText, grouped, rateText } from './totals';
import type { Totals } from './totals';

const MAX_BAR = 30;
const MIN_BAR = 6;

/**
 * One line that fits the terminal. What is less important is left out where it is narrow, and what room there is goes to the bar.
 * @param columns width of the terminal; the last column stays free, because some terminals wrap there
 */
export function progressBar(totals: Totals, columns: number, note?: string): string {
  const width = Math.max(columns - 1, 1);
  const { total, done, failed, trying, perSecond, etaSeconds, paused } = totals;
  const share = total === 0 ? 0 : done / total;
  const percent = `${String(Math.floor(share * 100)).padStart(3)}%`;
  const state = note ?? paused;
  const parts = [
    `${grouped(done)}/${grouped(total)}`,
    ...(state === undefined ? [] : [state]),
    ...(failed > 0 ? [`${grouped(failed)} failed`] : []),
    ...(etaSeconds === undefined || state !== undefined ? [] : [`${durationText(etaSeconds)} left`]),
    ...(perSecond === undefined ? [] : [rateText(perSecond)]),
    ...(trying > 0 ? [`${grouped(trying)} trying`] : []),
  ];
  let text = percent;
  for (const part of parts) if (text.length + 2 + part.length <= width) text += `  ${part}`;
  const room = Math.min(width - text.length - 3, MAX_BAR);
  if (room < MIN_BAR) return text.slice(0, width);
  const full = Math.floor(share * room);
  return `[${'#'.repeat(full)}${'-'.repeat(room - full)}] ${text}`;
}

/** The same as a sentence, for logs and pipes. */
export function progressLine(
  { total, done, failed, trying, perSecond, etaSeconds, paused }: Totals,
  note?: string,
): string {
  const parts = [
    `${grouped(done)} of ${grouped(total)} done${failed > 0 ? ` (${grouped(failed)} failed)` : ''}`,
    ...(trying > 0 ? [`${grouped(trying)} trying`] : []),
    ...(perSecond === undefined ? [] : [rateText(perSecond)]),
    ...(etaSeconds === undefined || paused !== undefined ? [] : [`${durationText(etaSeconds)} left`]),
    ...(paused === undefined ? [] : [paused]),
    ...(note === undefined ? [] : [note]),
  ];
  return parts.join(', ');
}
