import { jobsPage } from '../../api/pages';
import { useQuery } from '../../data/use-query';
import { CopyAs } from '../../parts/copy-as';
import { PageHeader } from '../../parts/page-header';
import { Pager } from '../../parts/pager';
import { Panel } from '../../parts/panel';
import { Loaded } from '../../parts/states';
import { useLocation } from '../../routing/use-location';
import { cliOptions, jsObject, pythonArguments } from '../../samples/code-samples';
import { useClient } from '../../session/use-client';
import { JobFilters } from './job-filters';
import { JobRows } from './job-rows';
import { NoJobs } from './no-jobs';

const LIMIT = 50;
const POLL_MS = 5_000;

/** All jobs of the key, single ones and URLs of batches, newest first. */
export function Jobs() {
  const client = useClient();
  const { status, q, host, failReason, statusCode, clientId, cursor } = useLocation().query;
  const filter = { status, q, host, failReason, statusCode, clientId };
  const asked = { ...filter, cursor, limit: LIMIT };
  const query = useQuery(`jobs ${JSON.stringify(asked)}`, (signal) => jobsPage(client, asked, { signal }), {
    pollMs: POLL_MS,
  });
  return (
    <>
      <PageHeader
        title="Jobs"
        actions={
          <CopyAs
            example={{
              path: '/jobs',
              query: filter,
              cli: `list --jobs${cliOptions(filter)}`,
              typescript: `for await (const job of everfetch.jobs(${jsObject(filter)})) console.log(job.id, job.status, job.url);`,
              python: `for job in everfetch.jobs(${pythonArguments(filter)}):\n    print(job["id"], job["status"], job["url"])`,
            }}
          />
        }
      >
        Single jobs and the URLs of batches, newest first.
      </PageHeader>
      <Panel title="All jobs" isFlush>
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
    </>
  );
}
