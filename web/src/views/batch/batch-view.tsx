import type { BatchObject } from '../../api/types';
import { hasCode } from '../../api/errors';
import { StatusChip, Tags } from '../../parts/chip';
import { CopyableId } from '../../parts/copy-button';
import { PageHeader } from '../../parts/page-header';
import { Tabs } from '../../parts/tabs';
import { Empty, Loaded } from '../../parts/states';
import { When } from '../../parts/when';
import { count } from '../../format/numbers';
import { Attempts } from './attempts';
import { BatchActions } from './batch-actions';
import { BatchJobs } from './batch-jobs';
import { BatchSummary } from './batch-summary';
import { batchTitle } from './batch-title';
import { Failures } from './failures';
import { Progress } from './progress';
import { useBatch } from './use-batch';

/** One batch: how far it is, what limits it, what failed and why, and all that can be done with it. */
export function BatchView({ id }: { readonly id: string }) {
  const query = useBatch(id);
  const { data: batch, error, refresh } = query;
  const crumbs = [{ text: 'Batches', href: '#/batches' }];
  if (batch === undefined && (hasCode(error, 'not_found') || hasCode(error, 'expired')))
    return (
      <>
        <PageHeader title="Batch" crumbs={crumbs} />
        {hasCode(error, 'expired') ? (
          <Empty title="This batch has expired" icon="trash">
            Its results have been removed, by their retention or because somebody asked for it.
          </Empty>
        ) : (
          <Empty title="There is no such batch">It does not exist, or belongs to another key.</Empty>
        )}
      </>
    );
  return (
    <>
      <PageHeader
        title={batch === undefined ? 'Batch' : batchTitle(batch)}
        crumbs={crumbs}
        aside={batch !== undefined && <StatusChip status={batch.status} />}
        actions={batch !== undefined && <BatchActions batch={batch} onChange={refresh} />}
      >
        <span class="line">
          <CopyableId id={id} />
          {batch !== undefined && (
            <span>
              submitted <When at={batch.createdAt} />
            </span>
          )}
          {batch !== undefined && <Tags tags={batch.tags} />}
        </span>
      </PageHeader>
      <Loaded query={query} lines={6}>
        {(shown) => (
          <div class="view-grid">
            <BatchSummary batch={shown} onChange={refresh} />
            <BatchTabs batch={shown} onChange={refresh} />
          </div>
        )}
      </Loaded>
    </>
  );
}

const BatchTabs = ({ batch, onChange }: { readonly batch: BatchObject; readonly onChange: () => void }) => (
  <Tabs
    label="Parts of the batch"
    tabs={[
      { id: 'progress', title: 'Progress', content: () => <Progress batch={batch} /> },
      {
        id: 'failures',
        title: <TabTitle text="Failures" number={batch.counts.failed} />,
        content: () => <Failures batch={batch} onChange={onChange} />,
      },
      {
        id: 'urls',
        title: <TabTitle text="URLs" number={batch.counts.total} />,
        content: () => <BatchJobs batch={batch} />,
      },
      { id: 'attempts', title: 'Attempts', content: () => <Attempts batch={batch} /> },
    ]}
  />
);

const TabTitle = ({ text, number }: { readonly text: string; readonly number: number }) => (
  <>
    {text} <span class="tab-count">{count(number)}</span>
  </>
);
