import { useCallback, useState } from 'preact/hooks';
import type { BatchObject } from '../../api/types';
import { useQuery } from '../../data/use-query';
import { count } from '../../format/numbers';
import { spoken } from '../../format/texts';
import { hrefOf } from '../../routing/location';
import { Button } from '../../parts/button';
import { HttpStatus } from '../../parts/chip';
import { DataTable } from '../../parts/data-table';
import type { Column } from '../../parts/data-table';
import { Panel } from '../../parts/panel';
import { Empty, Loaded } from '../../parts/states';
import { useClient } from '../../session/use-client';
import { FailureReasons } from './failure-reasons';
import { RetryFailed } from './retry-failed';
import { NO_STATUS, filterOf } from './retry-filter';
import type { FailureCluster } from './retry-filter';

export interface FailuresProps {
  readonly batch: BatchObject;
  readonly onChange: () => void;
}

/** What failed, in groups of URLs that failed alike. Each leads to its URLs, and can be retried by itself. */
export function Failures({ batch, onChange }: FailuresProps) {
  const client = useClient();
  const { id, status, counts } = batch;
  const [retried, setRetried] = useState<FailureCluster>();
  const close = useCallback(() => setRetried(undefined), []);
  // Another number of failures makes other groups; while the number is the same nothing is asked.
  const query = useQuery(`failures ${id} ${counts.failed}`, (signal) => client.failures(id, { signal }));
  if (counts.failed === 0)
    return (
      <Empty title="Nothing has failed" icon="check">
        {status === 'running' ? 'What fails for good shows up here. URLs that are tried again are not among it.' : ''}
      </Empty>
    );
  const canRetry = status === 'finished' || status === 'cancelled';
  return (
    <div class="view-grid">
      <FailureReasons reasons={batch.failuresByReason ?? {}} />
      <Panel
        title="Alike failures"
        lead={
          canRetry
            ? 'By reason, host and last status'
            : 'By reason, host and last status. They can be retried once the batch has ended.'
        }
        isFlush
      >
        <Loaded query={query}>
          {({ clusters, isComplete }) => (
            <>
              <DataTable
                caption="Failures by reason, host and status"
                columns={columnsFor(id, { canRetry, onRetry: setRetried })}
                rows={clusters}
                rowKey={({ failReason, host, statusCode }) => `${failReason} ${host} ${statusCode ?? ''}`}
                empty={<Empty title="Nothing has failed" icon="check" />}
              />
              {!isComplete && <p class="table-note">Only the largest {count(clusters.length)} groups are shown.</p>}
            </>
          )}
        </Loaded>
      </Panel>
      {retried !== undefined && (
        <RetryFailed batchId={id} filter={filterOf(retried)} onClose={close} onChange={onChange} />
      )}
    </div>
  );
}

interface ColumnOptions {
  readonly canRetry: boolean;
  readonly onRetry: (cluster: FailureCluster) => void;
}

const columnsFor = (batchId: string, { canRetry, onRetry }: ColumnOptions): readonly Column<FailureCluster>[] => [
  {
    id: 'host',
    head: 'Host',
    isWide: true,
    isUnlabelled: true,
    cell: ({ host }) => <a href={hrefOf(['hosts', host])}>{host}</a>,
  },
  { id: 'reason', head: 'Reason', cell: ({ failReason }) => spoken(failReason) },
  { id: 'status', head: 'Last status', isNumber: true, cell: ({ statusCode }) => <HttpStatus code={statusCode} /> },
  {
    id: 'urls',
    head: 'URLs',
    isNumber: true,
    cell: ({ jobs, failReason, host, statusCode }) => (
      <a
        href={hrefOf(['batches', batchId], {
          tab: 'urls',
          status: 'failed',
          failReason,
          host,
          statusCode: statusCode ?? NO_STATUS,
        })}
        aria-label={`Show the ${count(jobs)} URLs`}
      >
        {count(jobs)}
      </a>
    ),
  },
  {
    id: 'example',
    head: 'Example',
    cell: ({ exampleJobId }) => <a href={hrefOf(['jobs', exampleJobId])}>why</a>,
  },
  {
    id: 'retry',
    head: <span class="visually-hidden">Retry</span>,
    isNumber: true,
    cell: (cluster) => (
      <Button
        icon="retry"
        kind="quiet"
        label={`Retry the ${count(cluster.jobs)} URLs of ${cluster.host} …`}
        isDisabled={!canRetry}
        onClick={() => onRetry(cluster)}
      >
        Retry …
      </Button>
    ),
  },
];
