import { MAX_REFETCHED } from './crash-round';
import type { RoundResult } from './crash-round';
import { circumstances, table, verdict, writePart } from './report-file';

/** The rounds as a markdown table. */
export function reportTable(results: readonly RoundResult[]): string {
  const head = ['round', 'what', 'at', 'recovery', 'batch', 'refetched', 'callbacks twice', 'verdict'];
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  const rows = results.map((result, index) => {
    const { what, progress, recoveryMs, batchMs, refetched, callbackDuplicates, problems } = result;
    return [
      index + 1,
      what,
      `${Math.round(progress * 100)} %`,
      recoveryMs === undefined ? 'none left' : seconds(recoveryMs),
      seconds(batchMs),
      refetched,
      callbackDuplicates,
      verdict(problems),
    ];
  });
  return table(head, rows);
}

export interface ReportOptions {
  readonly pages: number;
  readonly seed: number;
  readonly results: readonly RoundResult[];
}

/** Writes the rounds of `bench/crash-report.md`. @returns its path in the project */
export async function writeReport({ pages, seed, results }: ReportOptions): Promise<string> {
  const failed = results.filter(({ problems }) => problems.length > 0).length;
  const refetched = results.reduce((sum, result) => sum + result.refetched, 0);
  return writePart(
    'batches',
    `# Crash rounds

Made by \`npm run test:crash\`; seed ${seed}. ${circumstances()}.

Each round is a batch of ${pages} URLs with callbacks; 5 % of its pages answer 503 to the first two visits. At a random moment something is killed with signal 9, and the batch has to end within 120 s as if nothing had happened: every URL finished once with its own page, counts that sum to the total in every poll, one callback row per job and every callback received, records where the rows point, usage charged once.

- **recovery**: from the kill until more was finished than right after it. While the Temporal server is away, workers go on with what they have.
- **refetched**: fetches that would not have been needed without the kill. At most ${MAX_REFETCHED} (128 in flight, three commits of 200) are accepted for one crash; a full disk costs as many for every attempt that it fails.
- **callbacks twice**: calls that arrived again for a job that had been called back already. They are the same call of the same delivery; receivers tell them by the job's id.

${reportTable(results)}
${results.length} rounds, ${failed} wrong, ${refetched} fetches made again in ${results.length * pages} pages.
`,
  );
}
