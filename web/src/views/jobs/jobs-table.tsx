import type { ComponentChildren } from 'preact';
import type { JobObject } from '../../api/types';
import { madeAt } from '../../format/job-ids';
import { count } from '../../format/numbers';
import { bareUrl, shortened, spoken } from '../../format/texts';
import { HttpStatus, StatusChip } from '../../parts/chip';
import { DataTable } from '../../parts/data-table';
import type { Column } from '../../parts/data-table';
import { Countdown, When } from '../../parts/when';
import { hrefOf } from '../../routing/location';
import { failureText } from '../job/attempt-text';

const MAX_URL_LENGTH = 90;

const columns: readonly Column<JobObject>[] = [
  {
    id: 'url',
    head: 'URL',
    isWide: true,
    isUnlabelled: true,
    cell: ({ id, url }) => <a href={hrefOf(['jobs', id])}>{shortened(bareUrl(url), MAX_URL_LENGTH)}</a>,
  },
  { id: 'status', head: 'Status', cell: ({ status }) => <StatusChip status={status} /> },
  { id: 'page', head: 'Page', cell: ({ statusCode }) => <HttpStatus code={statusCode} /> },
  { id: 'why', head: 'What happened', cell: (job) => <WhatHappened job={job} /> },
  { id: 'attempts', head: 'Attempts', isNumber: true, cell: ({ attempts }) => count(attempts) },
  { id: 'made', head: 'Submitted', cell: ({ id }) => <When at={madeAt(id)} /> },
];

export interface JobsTableProps {
  readonly jobs: readonly JobObject[];
  readonly empty: ComponentChildren;
}

export const JobsTable = ({ jobs, empty }: JobsTableProps) => (
  <DataTable caption="Jobs" columns={columns} rows={jobs} rowKey={({ id }) => id} empty={empty} />
);

function WhatHappened({ job: { status, failReason, lastFailure, supposedToRunAt } }: { readonly job: JobObject }) {
  if (failReason !== undefined) return <>{spoken(failReason)}</>;
  if (lastFailure === undefined) return <span class="none">–</span>;
  return (
    <>
      {failureText(lastFailure)}
      {status === 'running' && supposedToRunAt !== undefined && (
        <>
          , next in <Countdown to={supposedToRunAt} />
        </>
      )}
    </>
  );
}
