import type { Batch } from '../../client/index';
import type { CliContext } from '../context';
import { durationText, grouped } from '../progress/totals';
import type { Colour } from '../terminal';
import { printFields } from './table';
import { when } from './when';

export const colourOf = (status: string): Colour =>
  (
    ({
      finished: 'green',
      delivered: 'green',
      failed: 'red',
      stopped: 'red',
      cancelled: 'yellow',
      paused: 'yellow',
    }) as const
  )[status] ?? 'bold';

/** Prints a batch as people want to see it. */
export async function printBatch(context: CliContext, batch: Batch): Promise<void> {
  const { counts, failuresByReason = {}, slowestHosts = [], tags } = batch;
  const { total, queued, running, finished, failed, cancelled } = counts;
  const failures = Object.entries(failuresByReason).map(([reason, count]) => `${reason} ${grouped(count)}`);
  const limit = batch.limitedBy?.sentence;
  const state = batch.pausedBecause === 'max_credits' ? 'paused: its credits are spent' : batch.status;
  await printFields(context, [
    ['batch', batch.id],
    ['name', batch.name],
    ['tags', tags.length > 0 ? tags.join(', ') : undefined],
    ['status', state],
    ['done', `${grouped(finished + failed + cancelled)} of ${grouped(total)}`],
    ['finished', grouped(finished)],
    ['failed', failed > 0 ? [grouped(failed), ...failures].join('; ') : '0'],
    ['cancelled', cancelled > 0 ? grouped(cancelled) : undefined],
    ['trying', running > 0 ? grouped(running) : undefined],
    ['queued', queued > 0 ? grouped(queued) : undefined],
    ['limited by', limit],
    ['time left', batch.etaSeconds === undefined ? undefined : durationText(batch.etaSeconds)],
    ['slow hosts', slowestHosts.length > 0 ? slowestHosts.map(({ host }) => host).join(', ') : undefined],
    ['credits', `${grouped(batch.credits)}${batch.maxCredits === undefined ? '' : ` of ${grouped(batch.maxCredits)}`}`],
    ['created', when(batch.createdAt)],
    ['ended', when(batch.endedAt)],
    ['kept until', when(batch.expiresAt)],
  ]);
}
