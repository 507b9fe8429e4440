import { batchJobsPage } from '../../api/pages';
import type { BatchObject } from '../../api/types';
import { useQuery } from '../../data/use-query';
import { CopyAs } from '../../parts/copy-as';
import { Pager } from '../../parts/pager';
import { Panel } from '../../parts/panel';
import { Loaded } from '../../parts/states';
import { useLocation } from '../../routing/use-location';
import { cliOptions, jsObject, literal, pythonArguments } from '../../samples/code-samples';
import { useClient } from '../../session/use-client';
import { JobFilters } from '../jobs/job-filters';
import { JobRows } from '../jobs/job-rows';
import { NoJobs } from '../jobs/no-jobs';

const LIMIT = 50;
const POLL_MS = 4_000;

/** The URLs of a batch, in input order. */
export function BatchJobs({ batch: { id, status } }: { readonly batch: BatchObject }) {
  const client = useClient();
  const location = useLocation();
  const { status: jobStatus, q, host, failReason, statusCode, clientId, cursor } = location.query;
  const filter = { status: jobStatus, q, host, failReason, statusCode, clientId };
  const asked = { ...filter, cursor, limit: LIMIT };
  const isOpen = status === 'running' || status === 'paused';
  const query = useQuery(
    `jobs ${id} ${status} ${JSON.stringify(asked)}`,
    (signal) => batchJobsPage(client, id, asked, { signal }),
    { pollMs: isOpen ? POLL_MS : undefined },
  );
  return (
    <Panel
      title="URLs"
      isFlush
      actions={
        <CopyAs
          example={{
            path: `/batches/${id}/jobs`,
            query: filter,
            cli: `list ${id}${cliOptions(filter)}`,
            typescript: `for await (const job of everfetch.batchJobs(${[literal(id), jsObject(filter)].filter(Boolean).join(', ')})) console.log(job.id, job.status, job.url);`,
            python: `for job in everfetch.batch_jobs(${[literal(id), pythonArguments(filter)].filter(Boolean).join(', ')}):\n    print(job["id"], job["status"], job["url"])`,
          }}
        />
      }
    >
      <JobFilters />
      <Loaded query={query} lines={10}>
        {({ items, nextCursor }) => (
          <>
            <JobRows
              jobs={items}
              empty={<NoJobs isFiltered={Object.values(filter).some(Boolean)} hasMore={nextCursor !== undefined} />}
            />
            <Pager nextCursor={nextCursor} />
          </>
        )}
      </Loaded>
    </Panel>
  );
}
