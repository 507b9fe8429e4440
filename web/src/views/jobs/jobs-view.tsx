import { ask } from '../../api/ask';
import type { JobObject, Page } from '../../api/types';
import { useQuery } from '../../data/use-query';
import { spoken } from '../../format/texts';
import { CopyAs } from '../../parts/copy-as';
import { PageHeader } from '../../parts/page-header';
import { Pager } from '../../parts/pager';
import { Panel } from '../../parts/panel';
import { QuerySelect, QueryTextField } from '../../parts/query-fields';
import { Empty, Loaded } from '../../parts/states';
import { useLocation } from '../../routing/use-location';
import { cliOptions, jsObject, pythonArguments } from '../../samples/code-samples';
import { useClient } from '../../session/use-client';
import { failReasons, jobStatuses } from './job-filters';
import { JobsTable } from './jobs-table';

const POLL_MS = 5_000;
const PAGE_SIZE = 100;
const FILTERS = ['status', 'failReason', 'host', 'statusCode', 'tag', 'batch', 'q', 'since', 'until'] as const;

/** Every job of the key, the newest first, with the filters of the API in the address. */
export function JobsView() {
  const client = useClient();
  const { query } = useLocation();
  const filter = Object.fromEntries(FILTERS.map((name) => [name, query[name]]));
  const asked = { ...filter, limit: PAGE_SIZE, cursor: query['cursor'] };
  const page = useQuery(
    `jobs ${JSON.stringify(asked)}`,
    (signal) => ask<Page<JobObject>>(client, 'GET', '/jobs', { query: asked, signal }),
    { pollMs: POLL_MS },
  );
  return (
    <>
      <PageHeader title="Jobs" actions={<CopyAs example={exampleOf(filter)} />}>
        Single URLs and those of batches, the newest first.
      </PageHeader>
      <Panel title="Jobs" isFlush>
        <JobFilters />
        <Loaded query={page} lines={8}>
          {({ items, nextCursor }) => (
            <>
              <JobsTable jobs={items} empty={<NoJobs isFiltered={FILTERS.some((name) => query[name] !== undefined)} />} />
              <Pager nextCursor={nextCursor} />
            </>
          )}
        </Loaded>
      </Panel>
    </>
  );
}

const JobFilters = () => (
  <div class="filters" role="search" aria-label="Filter jobs">
    <QuerySelect
      label="Status"
      name="status"
      anyText="Any"
      options={jobStatuses.map((status) => ({ value: status, text: status }))}
    />
    <QuerySelect
      label="Failed because"
      name="failReason"
      anyText="Anything"
      options={failReasons.map((reason) => ({ value: reason, text: spoken(reason) }))}
    />
    <QueryTextField label="Host" name="host" placeholder="shop.example" />
    <QueryTextField label="Status of the page" name="statusCode" placeholder="404" />
    <QueryTextField label="Tag" name="tag" />
    <QueryTextField label="Part of the URL" name="q" />
  </div>
);

const NoJobs = ({ isFiltered }: { readonly isFiltered: boolean }) =>
  isFiltered ? (
    <Empty title="No job is like that." />
  ) : (
    <Empty title="There are no jobs yet." icon="file">
      <a href="#/submit">Submit the first URLs</a>
    </Empty>
  );

type Filter = Readonly<Record<string, string | undefined>>;

const exampleOf = (filter: Filter) => ({
  path: '/jobs',
  query: filter,
  cli: `list jobs${cliOptions(filter)}`,
  typescript: `for await (const job of everfetch.jobs(${jsObject(filter)})) console.log(job.id, job.status, job.url);`,
  python: `for job in everfetch.jobs(${pythonArguments(filter)}):\n    print(job["id"], job["status"], job["url"])`,
});
