import { grouped } from './totals';
import type { SeenBatch } from './totals';
import { cliExitCodes } from '../exit-codes';

export interface EndedBatch extends SeenBatch {
  readonly failuresByReason?: Readonly<Record<string, number | undefined>> | undefined;
  readonly credits?: number | undefined;
}

/** The sentence at the end: what has become of all URLs. */
export function summaryOf(batches: readonly EndedBatch[]): string {
  const sum = (count: (batch: EndedBatch) => number) => batches.reduce((total, batch) => total + count(batch), 0);
  const [finished, failed, cancelled] = [
    sum(({ counts }) => counts.finished),
    sum(({ counts }) => counts.failed),
    sum(({ counts }) => counts.cancelled),
  ];
  const reasons = new Map<string, number>();
  for (const { failuresByReason = {} } of batches)
    for (const [reason, count = 0] of Object.entries(failuresByReason))
      reasons.set(reason, (reasons.get(reason) ?? 0) + count);
  const why = [...reasons].sort(([, a], [, b]) => b - a).map(([reason, count]) => `${reason} ${grouped(count)}`);
  return [
    `${grouped(finished)} of ${grouped(sum(({ counts }) => counts.total))} finished`,
    ...(failed > 0 ? [`${grouped(failed)} failed${why.length > 0 ? ` (${why.join(', ')})` : ''}`] : []),
    ...(cancelled > 0 ? [`${grouped(cancelled)} cancelled`] : []),
    `${grouped(sum(({ credits = 0 }) => credits))} credits`,
  ].join(', ');
}

/** Exit code of a command that has waited for batches. */
export const codeOfEnded = (batches: readonly SeenBatch[]): number =>
  batches.every(({ counts }) => counts.failed === 0 && counts.cancelled === 0)
    ? cliExitCodes.done.code
    : cliExitCodes.someFailed.code;
