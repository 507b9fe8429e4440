import { hasCode } from '../../api/errors';
import type { JobObject } from '../../api/types';
import { batchOf } from '../../format/job-ids';
import { bareUrl, shortened } from '../../format/texts';
import { StatusChip } from '../../parts/chip';
import { CopyAs } from '../../parts/copy-as';
import { CopyableId } from '../../parts/copy-button';
import { PageHeader } from '../../parts/page-header';
import { Panel } from '../../parts/panel';
import { Empty, Loaded, Note } from '../../parts/states';
import { Countdown } from '../../parts/when';
import { hrefOf } from '../../routing/location';
import { AttemptsTimeline } from './attempts-timeline';
import { JobActions } from './job-actions';
import { JobDeliveries } from './job-deliveries';
import { JobFacts } from './job-facts';
import { PagePanel } from './page-panel';
import { useJob } from './use-job';

const TITLE_LENGTH = 80;

/** One job: how it stands, every attempt, its page and its callbacks. */
export function JobView({ id }: { readonly id: string }) {
  const query = useJob(id);
  const { data: job, error } = query;
  if (hasCode(error, 'expired')) return <Gone id={id} title="This job has expired" text={EXPIRED} />;
  if (hasCode(error, 'not_found')) return <Gone id={id} title="There is no such job" text={UNKNOWN} />;
  return (
    <>
      <PageHeader
        title={job === undefined ? 'Job' : shortened(bareUrl(job.url), TITLE_LENGTH)}
        crumbs={crumbsOf(id)}
        aside={job !== undefined && <StatusChip status={job.status} />}
        actions={
          job !== undefined && (
            <>
              <CopyAs example={exampleOf(id)} />
              <JobActions job={job} onChange={query.refresh} />
            </>
          )
        }
      >
        <CopyableId id={id} />
      </PageHeader>
      <Loaded query={query} lines={8}>
        {(loaded) => <JobDetails job={loaded} />}
      </Loaded>
    </>
  );
}

const JobDetails = ({ job }: { readonly job: JobObject }) => (
  <div class="view-grid">
    {job.status === 'running' && <WhatComesNext job={job} />}
    {job.error === 'page_damaged' && (
      <Note tone="warn">The stored page is damaged and is not given out. The operator’s log says where.</Note>
    )}
    <Panel title="Job">
      <JobFacts job={job} />
    </Panel>
    <div class={job.response === undefined ? undefined : 'third'}>
      <Panel title="Attempts" lead="Each one, and why the next one differs.">
        <AttemptsTimeline job={job} />
      </Panel>
    </div>
    {job.response !== undefined && (
      <div class="two-thirds">
        <PagePanel job={job} response={job.response} />
      </div>
    )}
    <JobDeliveries jobId={job.id} />
  </div>
);

function WhatComesNext({ job }: { readonly job: JobObject }) {
  const last = job.tried?.at(-1);
  const at = job.supposedToRunAt ?? last?.nextAt;
  if (job.attempts === 0 || at === undefined)
    return <Note tone="info">It is being fetched, or waits for its turn.</Note>;
  return (
    <Note tone="info">
      <p>
        <strong>
          Next attempt in <Countdown to={at} />
        </strong>
      </p>
      {last?.next !== undefined && <p>{last.next.why}</p>}
    </Note>
  );
}

const EXPIRED = 'Results are kept for a while after they end, and were removed then or on request. Its id stays taken.';
const UNKNOWN = 'The address may be incomplete, or the job belongs to another installation.';

const Gone = ({ id, title, text }: { readonly id: string; readonly title: string; readonly text: string }) => (
  <>
    <PageHeader title={title} crumbs={crumbsOf(id)}>
      <code>{id}</code>
    </PageHeader>
    <Empty title={text}>
      <a href={hrefOf(['jobs'])}>All jobs</a>
    </Empty>
  </>
);

function crumbsOf(id: string) {
  const batchId = batchOf(id);
  return batchId === undefined
    ? [{ text: 'Jobs', href: hrefOf(['jobs']) }]
    : [
        { text: 'Batches', href: hrefOf(['batches']) },
        { text: 'Its batch', href: hrefOf(['batches', batchId]) },
      ];
}

const exampleOf = (id: string) => ({
  path: `/jobs/${id}`,
  query: { attempts: 'true' },
  cli: `get ${id} --attempts`,
  typescript: `const job = await everfetch.job('${id}', { attempts: true });`,
  python: `job = everfetch.job("${id}", attempts=True)`,
});
