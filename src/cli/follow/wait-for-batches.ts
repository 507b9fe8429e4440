import type { Batch } from '../../client/index';
import type { CliContext } from '../context';
import type { ProgressView } from '../progress/progress-view';
import type { EndedBatch } from '../progress/summary';
import type { SeenBatch } from '../progress/totals';
import { Patience } from './patience';

/** A patience that shows in the progress when the service is away. Each stream has its own, so that one that is well does not hide another. */
export const patienceOf = ({ signal }: Pick<CliContext, 'signal'>, view: ProgressView): Patience =>
  new Patience({ signal, onChange: (isLost) => view.lost(isLost) });

/**
 * Waits until a batch has ended, also while the service is restarted.
 * @param onChange is told each state that differs from the one before
 */
export async function waitForBatch(
  { client, signal }: Pick<CliContext, 'client' | 'signal'>,
  id: string,
  { view, onChange }: { readonly view: ProgressView; readonly onChange?: (batch: SeenBatch) => void },
): Promise<EndedBatch> {
  const patience = patienceOf({ signal }, view);
  const what = { id } as Pick<Batch, 'id' | 'counts'>; // as: only the id is read; this says that it is that of a batch
  for (;;) {
    try {
      return await client.wait(what, {
        signal,
        onProgress: (batch) => {
          patience.succeeded();
          view.update(batch);
          onChange?.(batch);
        },
      });
    } catch (error) {
      await patience.afterError(error);
    }
  }
}
