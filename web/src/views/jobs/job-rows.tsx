import type { ComponentChildren } from 'preact';
import type { JobObject } from '../../api/types';
import { count } from '../../format/numbers';
import { bareUrl, shortened, spoken } from '../../format/texts';
import { hrefOf } from '../../routing/location';
import { HttpStatus, StatusChip } from '../../parts/chip';
import { DataTable } from '../../parts/data-table';
import type { Column } from '../../parts/data-table';
import { Countdown, When } from '../../parts/when';

const LONGEST_URL = 110;

/** A job that runs is queued before its first attempt, and waits to be retried after one that failed. */
export function shownStatus({ status, attempts, supposedToRunAt }: JobObject): string {
  if (status !== 'running') return status;
  if (supposedToRunAt !== undefined) return 'retrying';
  return attempts === 0 ? 'queued' : 'running';
}

/** Status of the page, or of the last answer that was none. */
const statusCodeOf = (job: JobObject): number | undefined => job.statusCode ?? job.lastFailure?.statusCode;

function whyOf({ failReason, lastFailure }: JobObject): string {
  if (lastFailure === undefined) return failReason === undefined ? '' : spoken(failReason);
  const detail = lastFailure.detail === undefined ? '' : `: ${lastFailure.detail}`;
  const last = `${spoken(lastFailure.reason)}${detail}`;
  return failReason === undefined || failReason === 'failed_due_to_timeout' ? last : `${spoken(failReason)}, ${last}`;
}

const columns: readonly Column<JobObject>[] = [
  {
    id: 'url',
    head: 'URL',
    isWide: true,
    isUnlabelled: true,
    cell: ({ id, url, clientId }) => (
      <span class="url-cell">
        <a href={hrefOf(['jobs', id])} title={url}>
          {shortened(bareUrl(url), LONGEST_URL)}
        </a>
        {clientId !== undefined && <span class="tag">{clientId}</span>}
      </span>
    ),
  },
  { id: 'status', head: 'Status', cell: (job) => <StatusChip status={shownStatus(job)} /> },
  { id: 'http', head: 'HTTP', isNumber: true, cell: (job) => <HttpStatus code={statusCodeOf(job)} /> },
  { id: 'attempts', head: 'Attempts', isNumber: true, cell: ({ attempts }) => count(attempts) },
  { id: 'why', head: 'Last trouble', cell: (job) => <span class="muted">{whyOf(job)}</span> },
  {
    id: 'when',
    head: 'Ended or next try',
    cell: ({ finishedAt, supposedToRunAt }) =>
      supposedToRunAt === undefined ? (
        <When at={finishedAt} />
      ) : (
        <>
          next try <Countdown to={supposedToRunAt} />
        </>
      ),
  },
];

/** Jobs as a table. */
export const JobRows = ({
  jobs,
  empty,
}: {
  readonly jobs: readonly JobObject[];
  readonly empty: ComponentChildren;
}) => <DataTable caption="URLs" columns={columns} rows={jobs} rowKey={({ id }) => id} empty={empty} />;
