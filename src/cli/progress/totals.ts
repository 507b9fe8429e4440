import type { Batch } from '../../client/index';

/** The part of a batch that progress is made of. */
export type SeenBatch = Pick<Batch, 'id' | 'status' | 'pausedBecause' | 'counts' | 'etaSeconds'>;

/** How far one or several batches are together. */
export interface Totals {
  readonly total: number;
  /** URLs that have ended. */
  readonly done: number;
  readonly finished: number;
  readonly failed: number;
  readonly cancelled: number;
  /** URLs that are being fetched or wait for their next try. */
  readonly trying: number;
  /** Pages per second over the last seconds; undefined while nothing can be said. */
  readonly perSecond: number | undefined;
  readonly etaSeconds: number | undefined;
  /** Why everything that is left is paused. */
  readonly paused: string | undefined;
}

/** Seconds over which the rate is taken (ms). */
const RATE_OVER_MS = 15_000;

/** Sums batches up as they change, and measures their rate. */
export class ProgressTotals {
  readonly #expected: number;
  readonly #batches = new Map<string, SeenBatch>();
  readonly #samples: { readonly atMs: number; readonly done: number }[] = [];

  /** @param expected URLs of all batches, those that are not submitted yet included */
  constructor(expected: number) {
    this.#expected = expected;
  }

  update(batch: SeenBatch): void {
    this.#batches.set(batch.id, batch);
  }

  at(nowMs: number): Totals {
    const batches = [...this.#batches.values()];
    const sum = (count: (counts: SeenBatch['counts']) => number) =>
      batches.reduce((total, { counts }) => total + count(counts), 0);
    const [finished, failed, cancelled] = [sum((c) => c.finished), sum((c) => c.failed), sum((c) => c.cancelled)];
    const done = finished + failed + cancelled;
    const total = Math.max(
      this.#expected,
      sum((counts) => counts.total),
    );
    const perSecond = this.#rateOf(nowMs, done);
    const open = batches.filter(({ status }) => status === 'running' || status === 'paused');
    const isPaused = open.length > 0 && open.every(({ status }) => status === 'paused');
    const etas = open.map(({ etaSeconds }) => etaSeconds);
    return {
      ...{ total, done, finished, failed, cancelled, trying: sum((c) => c.running), perSecond },
      etaSeconds: isPaused ? undefined : (longest(etas) ?? remaining(total - done, perSecond)),
      paused: isPaused ? pauseReason(open[0]?.pausedBecause) : undefined,
    };
  }

  #rateOf(nowMs: number, done: number): number | undefined {
    this.#samples.push({ atMs: nowMs, done });
    while ((this.#samples[1]?.atMs ?? nowMs) < nowMs - RATE_OVER_MS) this.#samples.shift();
    const [first] = this.#samples;
    const seconds = first === undefined ? 0 : (nowMs - first.atMs) / 1_000;
    return first === undefined || seconds < 1 ? undefined : (done - first.done) / seconds;
  }
}

/** The longest of the times that the service says, if it says one of every batch. */
function longest(etas: readonly (number | undefined)[]): number | undefined {
  const known = etas.filter((eta) => eta !== undefined);
  return known.length === etas.length && known.length > 0 ? Math.max(...known) : undefined;
}

const remaining = (left: number, perSecond: number | undefined): number | undefined =>
  perSecond === undefined || perSecond <= 0 ? undefined : Math.ceil(left / perSecond);

const pauseReason = (because: string | undefined): string =>
  because === 'max_credits' ? 'paused: its credits are spent' : 'paused';

/** `1,234,567` */
export const grouped = (count: number): string => String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');

/** `85/s`, or `0.4/s` of what is slow. */
export const rateText = (perSecond: number): string =>
  `${perSecond >= 10 ? grouped(Math.round(perSecond)) : perSecond.toFixed(1)}/s`;

/** `42s`, `3m 05s`, `2h 10m` or `3d 4h` */
export function durationText(seconds: number): string {
  const whole = Math.max(Math.round(seconds), 0);
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 60) return `${whole}s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)}m ${two(whole % 60)}s`;
  if (whole < 86_400) return `${Math.floor(whole / 3_600)}h ${two(Math.floor((whole % 3_600) / 60))}m`;
  return `${Math.floor(whole / 86_400)}d ${Math.floor((whole % 86_400) / 3_600)}h`;
}
