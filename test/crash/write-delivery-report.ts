import { MAX_REPEATED } from './check-deliveries';
import type { DeliveryRoundResult } from './delivery-round';
import { DELIVERIES_HEADING, circumstances, table, verdict, writePart } from './report-file';

/** The rounds as a markdown table. */
export function deliveryTable(results: readonly DeliveryRoundResult[]): string {
  const head = ['round', 'what', 'at', 'recovery', 'all called back', 'calls', 'refused', 'made again', 'verdict'];
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  const rows = results.map((result, index) => {
    const { what, progress, recoveryMs, calledBackMs, calls, refused, repeated, problems } = result;
    return [
      index + 1,
      what,
      `${Math.round(progress * 100)} %`,
      recoveryMs === undefined ? 'none left' : seconds(recoveryMs),
      seconds(calledBackMs),
      calls,
      refused,
      repeated,
      verdict(problems),
    ];
  });
  return table(head, rows);
}

export interface DeliveryReportOptions {
  readonly pages: number;
  readonly seed: number;
  readonly results: readonly DeliveryRoundResult[];
}

/** Writes the deliveries of `bench/crash-report.md`. @returns its path in the project */
export async function writeDeliveryReport({ pages, seed, results }: DeliveryReportOptions): Promise<string> {
  const failed = results.filter(({ problems }) => problems.length > 0).length;
  const repeated = results.reduce((sum, result) => sum + result.repeated, 0);
  return writePart(
    'deliveries',
    `${DELIVERIES_HEADING}

Made by \`npm run test:crash -- --deliveries\`; seed ${seed}. ${circumstances()}.

Each round is a batch of ${pages} URLs, fetched at once, with callbacks to a receiver that answers after a few milliseconds; 5 % of the calls it answers with 500 or by cutting the connection. When a random share of the callbacks has arrived, their sender is killed with signal 9 and started again. Then every job has to be called back until the receiver answers 200: every call of a job with the same \`webhook-id\` and the same body, no id for two jobs, every signature right (checked with the package \`standardwebhooks\`), and the log of the batch with one delivered callback per job.

- **at**: the share of the jobs whose callback had been answered with 200.
- **recovery**: from the kill until the next call arrived.
- **all called back**: from the submission. A call that was refused is made again after 5 s, then after 30 s.
- **made again**: calls that arrived although an earlier one of the same job had been answered with 200. At most ${MAX_REPEATED} are accepted for one kill: one window of calls whose results were not yet recorded.

${deliveryTable(results)}
${results.length} rounds, ${failed} wrong, ${repeated} calls made again in ${results.length * pages} callbacks.
`,
  );
}
