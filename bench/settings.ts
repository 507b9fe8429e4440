export interface Settings {
  readonly urls: number;
  readonly rounds: number;
  /** Sizes of the batches whose rates are compared, smallest first. */
  readonly sizes: readonly number[];
  /** Batches of the largest size that run side by side. */
  readonly parallelBatches: number;
  readonly warmUpUrls: number;
}

/** Environment of `npm run bench -- --quick`: minutes become moments, and the figures mean nothing. */
export const QUICK_ENV: Readonly<Record<string, string>> = {
  BENCH_URLS: '2000',
  BENCH_ROUNDS: '1',
  BENCH_SIZES: '200,1000,2000',
  BENCH_PARALLEL: '2',
  BENCH_JOBS: '100',
  BENCH_WINDOW_MS: '1000',
  BENCH_ROWS: '20000',
};

export function readSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const urls = count(env, 'BENCH_URLS') ?? 50_000;
  const sizes = env['BENCH_SIZES']?.split(',').map((size) => wholeNumber('BENCH_SIZES', size));
  return {
    urls,
    rounds: count(env, 'BENCH_ROUNDS') ?? 3,
    sizes: sizes ?? [urls / 50, urls / 5, urls].map(Math.ceil),
    parallelBatches: count(env, 'BENCH_PARALLEL') ?? 5,
    warmUpUrls: Math.min(2_000, urls),
  };
}

function count(env: NodeJS.ProcessEnv, name: string): number | undefined {
  const value = env[name];
  return value === undefined || value === '' ? undefined : wholeNumber(name, value);
}

function wholeNumber(name: string, value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${name} needs whole numbers from 1, not ${value}`);
  return number;
}
