interface Bucket {
  readonly label: string;
  /** The most attempts that count here. */
  readonly upTo: number;
  finished: number;
  failed: number;
}

/** How many URLs needed how many attempts. */
export interface AttemptsHistogram {
  readonly buckets: readonly Bucket[];
  /** URLs that finished or failed. */
  ended: number;
  /** Attempts of all of them. */
  attempts: number;
}

const bounds: readonly (readonly [string, number])[] = [
  ['none', 0],
  ['1', 1],
  ['2', 2],
  ['3', 3],
  ['4 to 5', 5],
  ['6 to 10', 10],
  ['11 to 20', 20],
  ['more', Infinity],
];

export const emptyHistogram = (): AttemptsHistogram => ({
  buckets: bounds.map(([label, upTo]) => ({ label, upTo, finished: 0, failed: 0 })),
  ended: 0,
  attempts: 0,
});

/** Counts a job that has ended. Those that were cancelled say nothing about how many attempts a page takes. */
export function countAttempts(
  histogram: AttemptsHistogram,
  { attempts, status }: { readonly attempts: number; readonly status: string },
): void {
  if (status !== 'finished' && status !== 'failed') return;
  const bucket = histogram.buckets.find(({ upTo }) => attempts <= upTo);
  if (bucket === undefined) return;
  bucket[status] += 1;
  histogram.ended += 1;
  histogram.attempts += attempts;
}
