import { median } from './measure';
import type { BatchRound } from './figures';
import type { Results } from './results';

export interface Goal {
  readonly what: string;
  /** What has to hold, and what we would like to. Neither: the figure is only told. */
  readonly must?: Bound;
  readonly aim?: Bound;
  readonly show: (value: number) => string;
  /** One value per round; undefined when it has not been measured. */
  readonly rounds: (results: Results) => readonly number[] | undefined;
  /** @default median */
  readonly of?: (rounds: readonly number[]) => number;
}

export type Bound = { readonly atLeast: number } | { readonly atMost: number };

const ratio = (value: number): string => value.toFixed(2);
const ms = (value: number): string => `${value < 10 ? value.toPrecision(2) : value.toFixed(0)} ms`;
const percent = (value: number): string => `${(100 * value).toFixed(0)} %`;

const against =
  (mode: 'plain' | 'failing' | 'gzip', other: 'bullmq' | 'bare') =>
  ({ batch }: Results) =>
    batch?.figures.scenarios[mode].map((round: BatchRound) => round.everfetch / round[other]);

/** How much a larger batch is slower than the fastest of the smaller ones, at worst. */
const worstFall = (rates: readonly number[]): number =>
  Math.max(0, ...rates.map((rate, index) => 1 - rate / Math.max(rate, ...rates.slice(0, index))));

export const goals: readonly Goal[] = [
  {
    what: 'Batch of 50,000 URLs, submission to last page durable: rate ÷ BullMQ',
    must: { atLeast: 1.5 },
    aim: { atLeast: 2 },
    show: ratio,
    rounds: against('plain', 'bullmq'),
  },
  {
    what: 'The same ÷ a bare undici loop that keeps nothing',
    must: { atLeast: 0.35 },
    aim: { atLeast: 0.5 },
    show: ratio,
    rounds: against('plain', 'bare'),
  },
  {
    what: '5 % of the URLs answer 503 twice: rate ÷ BullMQ',
    must: { atLeast: 1 },
    aim: { atLeast: 1.5 },
    show: ratio,
    rounds: against('failing', 'bullmq'),
  },
  {
    what: 'Pages sent compressed: rate ÷ BullMQ',
    must: { atLeast: 1 },
    aim: { atLeast: 1.3 },
    show: ratio,
    rounds: against('gzip', 'bullmq'),
  },
  {
    what: 'Answers after 0.6 s on average, 500 hosts, default settings: rate ÷ the best of BullMQ at 128, 1,000 and 2,000',
    must: { atLeast: 1.2 },
    aim: { atLeast: 1.5 },
    show: ratio,
    rounds: (results) =>
      results['real-web']?.figures.rounds.map(
        ({ everfetch, bullmq }) => everfetch / Math.max(...Object.values(bullmq)),
      ),
  },
  {
    what: 'The same: CPU per page, all processes',
    must: { atMost: 0.6 },
    aim: { atMost: 0.4 },
    show: ms,
    rounds: (results) => results['real-web']?.figures.rounds.map(({ cpuMs }) => cpuMs),
  },
  {
    what: 'The same: pages per segment',
    must: { atLeast: 100 },
    aim: { atLeast: 150 },
    show: (value) => value.toFixed(0),
    rounds: (results) => results['real-web']?.figures.rounds.map(({ pagesPerSegment }) => pagesPerSegment),
  },
  {
    what: 'The same over HTTPS: rate ÷ the best of BullMQ at 128, 1,000 and 2,000',
    must: { atLeast: 1.2 },
    aim: { atLeast: 1.5 },
    show: ratio,
    rounds: (results) =>
      results['real-web-https']?.figures.rounds.map(
        ({ everfetch, bullmq }) => everfetch / Math.max(...Object.values(bullmq)),
      ),
  },
  {
    what: '2,000 URLs on 2,000 names, a name server that answers after 200 ms: time ÷ the same by address, first time',
    must: { atMost: 1.5 },
    aim: { atMost: 1.2 },
    show: ratio,
    rounds: ({ names }) => names?.figures.rounds.map(({ first }) => first.nameSeconds / first.addressSeconds),
  },
  {
    what: 'The same a second time, when the names are known',
    must: { atMost: 1.05 },
    show: ratio,
    rounds: ({ names }) => names?.figures.rounds.map(({ again }) => again.nameSeconds / again.addressSeconds),
  },
  {
    what: '20,000 URLs on 5,000 hosts of which 5 % never answer, 5 % refuse, 2 % drip: time until 99 % of the good pages are there ÷ the good pages alone',
    must: { atMost: 1.3 },
    aim: { atMost: 1.1 },
    show: ratio,
    rounds: (results) =>
      results['dead-hosts']?.figures.rounds.map(({ withSeconds, withoutSeconds }) => withSeconds / withoutSeconds),
  },
  {
    what: '20 pages a second of hosts with a pace: cores above the idle service',
    must: { atMost: 0.05 },
    show: percent,
    rounds: ({ levels }) => levels?.figures.rounds.map(({ idleCores, trickleCores }) => trickleCores - idleCores),
  },
  {
    what: 'Single job beside a batch of 50,000 URLs on slow hosts, POST to `finished` (p50)',
    must: { atMost: 1_000 },
    show: ms,
    rounds: ({ levels }) => levels?.figures.rounds.map(({ besideBatchP50Ms }) => besideBatchP50Ms),
  },
  {
    what: 'Memory of a worker with 1,000 slow fetches in flight, peak',
    must: { atMost: 350 },
    aim: { atMost: 300 },
    show: (value) => `${value.toFixed(0)} MB`,
    rounds: ({ levels }) => levels?.figures.rounds.map(({ residentMb }) => residentMb),
  },
  {
    what: 'Fall of the rate from 1,000 over 10,000 and 50,000 to 5 × 50,000 URLs',
    must: { atMost: 0.15 },
    aim: { atMost: 0.05 },
    show: percent,
    rounds: ({ sizes }) =>
      sizes?.figures.rounds.map((round) => worstFall(round.map(({ urlsPerSecond }) => urlsPerSecond))),
  },
  {
    what: 'Peak memory of API and worker during the batch (worst round)',
    must: { atMost: 350 },
    aim: { atMost: 250 },
    show: (value) => `${value.toFixed(0)} MB`,
    rounds: ({ batch }) => batch?.figures.peakResidentMb,
    of: (rounds) => Math.max(...rounds),
  },
  {
    what: 'CPU of the Temporal server per URL of the batch',
    must: { atMost: 0.5 },
    aim: { atMost: 0.2 },
    show: ms,
    rounds: ({ batch }) => batch?.figures.cpuMsPerUrl.map(({ temporal }) => temporal),
  },
  {
    what: 'Fetches beyond the necessary ones, all rounds of all batches together',
    show: String,
    rounds: ({ batch, sizes }) => {
      const batches = Object.values(batch?.figures.scenarios ?? {}).flat();
      const all = [...batches, ...(sizes?.figures.rounds.flat() ?? [])];
      return all.length === 0 ? undefined : [all.reduce((sum, { refetches }) => sum + refetches, 0)];
    },
  },
  {
    what: '`GET /jobs/:id` of a finished 20 kB page: rate ÷ Express with the same JSON in memory',
    must: { atLeast: 0.4 },
    aim: { atLeast: 0.6 },
    show: ratio,
    rounds: (results) => results['read-job']?.figures.rounds,
  },
  {
    what: 'Submissions while a million expired rows are removed: rate ÷ without',
    must: { atLeast: 0.8 },
    show: ratio,
    rounds: (results) => results.retention?.figures.rounds,
  },
  {
    what: 'Single job on an idle service, POST to `finished` (p50)',
    must: { atMost: 60 },
    show: ms,
    rounds: (results) => results['single-jobs'] && [results['single-jobs'].figures.idleP50Ms],
  },
  {
    what: 'Single jobs, sustained: rate ÷ a workflow that does nothing',
    must: { atLeast: 0.7 },
    show: ratio,
    rounds: (results) => results['single-jobs']?.figures.rounds.map(({ job, noOp }) => job / noOp),
  },
  {
    what: '50,000 URLs submitted, time to the whole answer',
    show: (value) => `${value.toFixed(2)} s`,
    rounds: (results) => results['batch-submit']?.figures.rounds.map(({ seconds }) => seconds),
  },
  {
    what: 'Callbacks of the batch to one receiver, first call to last',
    must: { atLeast: 1_000 },
    show: (value) => `${Math.round(value).toLocaleString('en')}/s`,
    rounds: ({ callbacks }) => callbacks?.figures.rounds.map(({ alone }) => alone.callsPerSecond),
  },
  {
    what: 'Batch with callbacks, submission to last page durable: rate ÷ without callbacks',
    must: { atLeast: 0.6 },
    show: ratio,
    rounds: ({ callbacks }) =>
      callbacks?.figures.rounds.map(({ alone, urlsPerSecondWithout }) => alone.urlsPerSecond / urlsPerSecondWithout),
  },
  {
    what: 'A dead receiver of the same key: p99 of the delay at a healthy one ÷ p99 without the dead one',
    must: { atMost: 1.2 },
    show: ratio,
    rounds: ({ callbacks }) => callbacks?.figures.rounds.map(({ alone, besideDead }) => besideDead.p99Ms / alone.p99Ms),
  },
  {
    what: 'Callbacks that arrived more than once, all rounds together',
    show: String,
    rounds: ({ callbacks }) => {
      const runs = callbacks?.figures.rounds.flatMap(({ alone, besideDead }) => [alone, besideDead]);
      return runs && [runs.reduce((sum, { duplicates }) => sum + duplicates, 0)];
    },
  },
  {
    what: 'Sweep as delivered ÷ without guard, politeness, unpacking and the search for block pages (plain pages)',
    must: { atLeast: 0.85 },
    show: ratio,
    rounds: ({ safety }) => safety?.figures.scenarios.plain?.map(({ on, off }) => on / off),
  },
  {
    what: 'The same, pages sent compressed',
    must: { atLeast: 0.85 },
    show: ratio,
    rounds: ({ safety }) => safety?.figures.scenarios.gzip?.map(({ on, off }) => on / off),
  },
  {
    what: 'The same with a pace for every host, plain pages',
    show: ratio,
    rounds: ({ safety }) => safety?.figures.scenarios.plain?.map(({ paced, off }) => paced / off),
  },
  {
    what: 'Pages that a browser renders, four at a time',
    must: { atLeast: 3 },
    show: (value) => `${value.toFixed(1)}/s`,
    rounds: ({ render }) => render?.figures.rounds.map(({ pagesPerSecond }) => pagesPerSecond),
  },
  {
    what: 'Memory of the browser over the run: growth per 100 pages, second half',
    show: (value) => `${value.toFixed(1)} MB`,
    rounds: ({ render }) => render && [render.figures.browserMb.slopePer100Pages],
  },
];

export interface Verdict {
  readonly measured: number;
  readonly verdict: 'aim reached' | 'must reached' | 'missed' | '';
}

export function judge({ must, aim, of = median }: Goal, rounds: readonly number[]): Verdict {
  const measured = of(rounds);
  const holds = (bound: Bound | undefined) =>
    bound !== undefined && ('atLeast' in bound ? measured >= bound.atLeast : measured <= bound.atMost);
  if (must === undefined) return { measured, verdict: '' };
  if (!holds(must)) return { measured, verdict: 'missed' };
  return { measured, verdict: holds(aim) ? 'aim reached' : 'must reached' };
}
