import type { ComponentChildren } from 'preact';
import type { BatchObject } from '../../api/types';
import { count, percent, shortCount } from '../../format/numbers';
import { hrefOf } from '../../routing/location';
import { StatusChip, Tags } from '../../parts/chip';
import { CountsBar } from '../../parts/counts-bar';
import { DataTable } from '../../parts/data-table';
import type { Column } from '../../parts/data-table';
import { When } from '../../parts/when';
import { batchTitle } from './batch-title';

const endedOf = ({ counts }: BatchObject): number => counts.finished + counts.failed + counts.cancelled;

const columns: readonly Column<BatchObject>[] = [
  {
    id: 'batch',
    head: 'Batch',
    isUnlabelled: true,
    cell: (batch) => (
      <span class="batch-name">
        <a href={hrefOf(['batches', batch.id])}>{batchTitle(batch)}</a>
        <Tags tags={batch.tags} />
      </span>
    ),
  },
  { id: 'status', head: 'Status', cell: ({ status }) => <StatusChip status={status} /> },
  {
    id: 'progress',
    head: 'Progress',
    isWide: true,
    isUnlabelled: true,
    cell: (batch) => (
      <span class="progress-cell">
        <CountsBar counts={batch.counts} />
        <span class="progress-text">{percent(endedOf(batch), batch.counts.total)}</span>
      </span>
    ),
  },
  { id: 'urls', head: 'URLs', isNumber: true, cell: ({ counts }) => count(counts.total) },
  {
    id: 'failed',
    head: 'Failed',
    isNumber: true,
    cell: ({ id, counts }) =>
      counts.failed === 0 ? (
        <span class="none">0</span>
      ) : (
        <a href={hrefOf(['batches', id], { tab: 'failures' })}>{count(counts.failed)}</a>
      ),
  },
  { id: 'credits', head: 'Credits', isNumber: true, cell: ({ credits }) => shortCount(credits) },
  { id: 'made', head: 'Submitted', cell: ({ createdAt }) => <When at={createdAt} /> },
];

/** Batches as a table, with bars that move. */
export const BatchRows = ({
  batches,
  empty,
}: {
  readonly batches: readonly BatchObject[];
  readonly empty: ComponentChildren;
}) => <DataTable caption="Batches" columns={columns} rows={batches} rowKey={({ id }) => id} empty={empty} />;
