import type { ComponentChildren } from 'preact';
import type { DeliveryObject } from '../../api/types';
import { count } from '../../format/numbers';
import { bareUrl, shortId, shortened, spoken } from '../../format/texts';
import { HttpStatus, StatusChip } from '../../parts/chip';
import { DataTable } from '../../parts/data-table';
import type { Column } from '../../parts/data-table';
import { Countdown, When } from '../../parts/when';
import { hrefOf } from '../../routing/location';
import { ReplayButton } from './replay-button';

const MAX_URL_LENGTH = 60;

const columns: readonly Column<DeliveryObject>[] = [
  {
    id: 'event',
    head: 'Event',
    isUnlabelled: true,
    cell: ({ id, event }) => (
      <a class="nowrap" href={hrefOf(['deliveries', id])}>
        {event}
      </a>
    ),
  },
  { id: 'subject', head: 'About', cell: (delivery) => <SubjectLink delivery={delivery} /> },
  { id: 'url', head: 'Receiver', isWide: true, cell: ({ url }) => shortened(bareUrl(url), MAX_URL_LENGTH) },
  { id: 'status', head: 'Status', cell: ({ status }) => <StatusChip status={status} /> },
  { id: 'answer', head: 'Last answer', cell: ({ attempts }) => <LastAnswer attempt={attempts.at(-1)} /> },
  { id: 'calls', head: 'Calls', isNumber: true, cell: ({ attemptCount }) => count(attemptCount) },
  { id: 'next', head: 'Next call', cell: ({ nextAttemptAt }) => <NextCall at={nextAttemptAt} /> },
  { id: 'made', head: 'Made', cell: ({ createdAt }) => <When at={createdAt} /> },
];

export interface DeliveriesTableProps {
  readonly deliveries: readonly DeliveryObject[];
  readonly empty: ComponentChildren;
  /** What is the same in every row, and so is left out: all tell of one job, or all go to one receiver. */
  readonly same?: 'subject' | 'url';
  /** With it, each row has a button that has its callback made again; this is called afterwards. */
  readonly onReplay?: () => void;
}

export const DeliveriesTable = ({ deliveries, empty, same, onReplay }: DeliveriesTableProps) => (
  <DataTable
    caption="Callbacks"
    columns={[...columns.filter(({ id }) => id !== same), ...(onReplay === undefined ? [] : [replayColumn(onReplay)])]}
    rows={deliveries}
    rowKey={({ id }) => id}
    empty={empty}
  />
);

const replayColumn = (onReplay: () => void): Column<DeliveryObject> => ({
  id: 'replay',
  head: <span class="visually-hidden">Replay</span>,
  cell: (delivery) => <ReplayButton delivery={delivery} kind="quiet" onReplay={onReplay} />,
});

/** The job or batch that a callback tells of. A test call tells of neither. */
export function SubjectLink({ delivery: { jobId, batchId } }: { readonly delivery: DeliveryObject }) {
  if (jobId !== undefined)
    return (
      <a class="nowrap" href={hrefOf(['jobs', jobId])}>
        job {shortId(jobId)}
      </a>
    );
  if (batchId !== undefined)
    return (
      <a class="nowrap" href={hrefOf(['batches', batchId])}>
        batch {shortId(batchId)}
      </a>
    );
  return <span class="none">–</span>;
}

function LastAnswer({ attempt }: { readonly attempt: DeliveryObject['attempts'][number] | undefined }) {
  if (attempt?.statusCode !== undefined) return <HttpStatus code={attempt.statusCode} />;
  return attempt?.error === undefined ? <span class="none">–</span> : <>{spoken(attempt.error)}</>;
}

const NextCall = ({ at }: { readonly at: string | undefined }) =>
  at === undefined ? <span class="none">–</span> : <Countdown to={at} />;
