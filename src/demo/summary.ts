import type { JobSeen } from './api-client';
import type { Paint } from './output';
import type { ShopFault } from './shop-behaviour';
import type { Mismatch } from './verify';

/** Results of the demo. */
export interface DemoReport {
  /** Jobs of the batch, in input order. */
  readonly batchJobs: readonly JobSeen[];
  readonly batchSize: number;
  readonly batchMs: number;
  readonly singles: readonly { readonly name: string; readonly isRight: boolean }[];
  readonly callbacks: { readonly received: number; readonly refused: number; readonly duplicates: number };
  readonly faults: ReadonlyMap<ShopFault, number>;
  readonly mismatches: readonly Mismatch[];
  readonly webUi: string;
}

const histogramWidth = 40;
const shownMismatches = 10;

/** Rows like `1 try    255 ████████`, one per number of attempts. */
export function attemptsHistogram(attempts: readonly number[]): string[] {
  const jobsByAttempts = new Map<number, number>();
  for (const count of attempts) jobsByAttempts.set(count, (jobsByAttempts.get(count) ?? 0) + 1);
  const most = Math.max(0, ...jobsByAttempts.values());
  return [...jobsByAttempts]
    .sort(([one], [other]) => one - other)
    .map(([count, jobs]) => {
      const bar = '█'.repeat(Math.max(1, Math.round((jobs * histogramWidth) / most)));
      return `${`${count} ${count === 1 ? 'try' : 'tries'}`.padEnd(8)} ${String(jobs).padStart(5)} ${bar}`;
    });
}

/** Picks three jobs with numbers of attempts as different as possible, the most attempts first. */
export function sampleJobs(jobs: readonly JobSeen[]): JobSeen[] {
  const finished = jobs.filter((job) => job.status === 'finished').sort((one, other) => other.attempts - one.attempts);
  const distinct = finished.filter((job, index) => job.attempts !== finished[index - 1]?.attempts);
  const others = finished.filter((job) => !distinct.includes(job));
  return [...distinct, ...others].slice(0, 3).sort((one, other) => other.attempts - one.attempts);
}

/** The whole report as text. */
export function summaryText(report: DemoReport, paint: Paint): string {
  const { batchJobs, batchSize, batchMs, callbacks, faults, mismatches, singles } = report;
  const fetched = batchJobs.filter((job) => job.status === 'finished').length;
  const isAllFetched = fetched === batchSize;
  const field = (name: string, value: string): string => `  ${name.padEnd(16)} ${value}`;
  const blank = field('', '').length;
  const indent = (line: string): string => ' '.repeat(blank) + line;
  const [firstBar = '-', ...otherBars] = attemptsHistogram(batchJobs.map((job) => job.attempts));
  const rightSingles = singles.filter((single) => single.isRight).length;

  return [
    '',
    field(
      'All fetched',
      `${isAllFetched ? paint.good('yes') : paint.bad('no')}, ${fetched} of ${batchSize} in ${(batchMs / 1_000).toFixed(1)} s`,
    ),
    field('Attempts', firstBar),
    ...otherBars.map(indent),
    field('Shop faults', [...faults].map(([kind, count]) => `${count} ${kind}`).join(', ') || 'none'),
    field(
      'Callbacks',
      `${callbacks.received} received, ${callbacks.refused} refused at first and sent again, ${callbacks.duplicates} twice`,
    ),
    field(
      'Single jobs',
      `${rightSingles} of ${singles.length} as expected: ${singles.map((single) => single.name).join(', ')}`,
    ),
    '',
    ...sampleJobs(batchJobs).flatMap((job, index) => [
      field(index === 0 ? 'Samples' : '', job.url),
      indent(paint.faint(describeSample(job))),
    ]),
    '',
    field('Temporal Web UI', report.webUi),
    '',
    ...verdict(mismatches, paint),
    '',
  ].join('\n');
}

function describeSample(job: JobSeen): string {
  const body = job.response?.body ?? '';
  const title = /<title>([^<]*)<\/title>/.exec(body)?.[1] ?? 'no title';
  const attempts = `${job.attempts} ${job.attempts === 1 ? 'attempt' : 'attempts'}`;
  return `${attempts} · ${title.replaceAll('&amp;', '&')} · ${Buffer.byteLength(body)} bytes`;
}

function verdict(mismatches: readonly Mismatch[], paint: Paint): string[] {
  if (mismatches.length === 0) return [`  ${paint.good('Every result equals what the shop serves.')}`];
  const more = mismatches.length - shownMismatches;
  return [
    `  ${paint.bad(`${mismatches.length} ${mismatches.length === 1 ? 'thing is' : 'things are'} wrong:`)}`,
    ...mismatches.slice(0, shownMismatches).map(({ url, problem }) => `    ${url}: ${problem}`),
    ...(more > 0 ? [`    … and ${more} more`] : []),
  ];
}
