import type { Delivery } from '../../client/index';
import type { CliContext } from '../context';
import { printable } from '../terminal';
import { printFields, printTable } from './table';
import { when, whenOr } from './when';

/** What a receiver answered: `200`, `timeout`, or `-` before the first call. */
const answerOf = (attempt: Delivery['attempts'][number] | undefined): string =>
  attempt === undefined ? '-' : String(attempt.statusCode ?? attempt.error ?? '-');

export const deliveryRow = ({ id, event, url, status, createdAt, attemptCount, attempts }: Delivery): string[] =>
  [whenOr(createdAt), event, status, String(attemptCount), answerOf(attempts.at(-1)), id, url].map(printable);

export async function printDelivery(context: CliContext, delivery: Delivery): Promise<void> {
  const { id, jobId, batchId, event, url, status, createdAt, endedAt, nextAttemptAt, attemptCount, attempts } =
    delivery;
  await printFields(context, [
    ['delivery', id],
    ['event', event],
    ['job', jobId],
    ['batch', batchId],
    ['url', url],
    ['status', status],
    ['created', when(createdAt)],
    ['ended', when(endedAt)],
    ['next call', when(nextAttemptAt)],
    ['calls', String(attemptCount)],
  ]);
  if (attempts.length === 0) return;
  await context.print('\n');
  await printTable(
    context,
    ['AT', 'MS', 'ANSWER', 'BODY'],
    attempts.map((attempt) => [
      whenOr(attempt.at),
      String(attempt.durationMs),
      answerOf(attempt),
      (attempt.answer ?? '').replaceAll(/\s+/g, ' ').slice(0, 200),
    ]),
  );
}
