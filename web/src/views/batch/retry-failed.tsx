import { useCallback } from 'preact/hooks';
import { hasCode } from '../../api/errors';
import { useAction } from '../../data/use-action';
import { useQuery } from '../../data/use-query';
import { counted } from '../../format/numbers';
import { Confirm } from '../../parts/dialog';
import { Facts } from '../../parts/panel';
import { Loaded } from '../../parts/states';
import { toast } from '../../parts/toast';
import { useClient } from '../../session/use-client';
import type { ClusterFilter } from './retry-filter';
import { filterFacts } from './retry-filter';

export interface RetryFailedProps {
  readonly batchId: string;
  /** Which failed URLs; without fields, all of them. */
  readonly filter: ClusterFilter;
  readonly onChange: () => void;
  readonly onClose: () => void;
}

/**
 * Retries failed URLs in two steps: first it says how many there are and what they may cost, then exactly as many are retried. When
 * their number has changed meanwhile nothing happens, and the new one is shown.
 */
export function RetryFailed({ batchId, filter, onChange, onClose }: RetryFailedProps) {
  const client = useClient();
  const forecast = useQuery(`retry ${batchId} ${JSON.stringify(filter)}`, (signal) =>
    client.retryFailed(batchId, { ...filter, dryRun: true, signal }),
  );
  const { data, refresh } = forecast;
  const facts = filterFacts(filter);
  const jobs = data?.jobs ?? 0;
  const retry = useCallback(async () => {
    try {
      await client.retryFailed(batchId, { ...filter, ifCount: jobs });
    } catch (error) {
      if (hasCode(error, 'count_changed')) refresh();
      throw error;
    }
  }, [client, batchId, filter, jobs, refresh]);
  const { isBusy, run } = useAction(retry);
  const confirm = async (): Promise<void> => {
    if (!(await run())) return;
    toast({ tone: 'good', text: `${counted(jobs, 'URL')} ${jobs === 1 ? 'is' : 'are'} tried again.` });
    onClose();
    onChange();
  };
  return (
    <Confirm
      title="Retry failed URLs"
      confirmText={data === undefined ? 'Retry' : `Retry ${counted(jobs, 'URL')}`}
      isBusy={isBusy}
      isDisabled={jobs === 0}
      onConfirm={() => void confirm()}
      onClose={onClose}
    >
      {facts.length === 0 ? <p>All failed URLs of this batch.</p> : <Facts facts={facts} />}
      <Loaded query={forecast} lines={1}>
        {({ credits }) => (
          <p aria-live="polite">
            <strong>{counted(jobs, 'URL')}</strong>, at most <strong>{counted(credits, 'credit')}</strong>. They keep
            their ids, get the time that was first given once more, and call back again when they end.
          </p>
        )}
      </Loaded>
    </Confirm>
  );
}
