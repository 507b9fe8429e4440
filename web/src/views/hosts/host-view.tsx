import type { HostObject } from '../../api/types';
import { useQuery } from '../../data/use-query';
import { count, rate } from '../../format/numbers';
import { LinkButton } from '../../parts/button';
import { Chip } from '../../parts/chip';
import { CopyAs } from '../../parts/copy-as';
import { DataTable } from '../../parts/data-table';
import { PageHeader } from '../../parts/page-header';
import { Panel, Stat, Stats } from '../../parts/panel';
import { Empty, Loaded, Note } from '../../parts/states';
import { Countdown, When } from '../../parts/when';
import { hrefOf } from '../../routing/location';
import { literal, shellWord } from '../../samples/code-samples';
import { useClient } from '../../session/use-client';
import { JobRows } from '../jobs/job-rows';

const POLL_MS = 5_000;
const MAX_SHOWN = 20;

/** One target: how fast it is asked, whether it wants to be left alone, and the key's jobs there. */
export function HostView({ host }: { readonly host: string }) {
  const client = useClient();
  const query = useQuery(`host ${host}`, (signal) => client.host(host, { signal }), {
    pollMs: POLL_MS,
  });
  return (
    <>
      <PageHeader
        title={host}
        crumbs={[{ text: 'Hosts', href: hrefOf(['hosts']) }]}
        aside={query.data?.restsUntil !== undefined && <Chip tone="warn">resting</Chip>}
        actions={<CopyAs example={exampleOf(host)} />}
      />
      <Loaded query={query} lines={4}>
        {(loaded) => (
          <div class="view-grid">
            <HostStats host={loaded} />
            {loaded.proxies !== undefined && <Proxies proxies={loaded.proxies} />}
            <HostJobs host={loaded.host} />
          </div>
        )}
      </Loaded>
    </>
  );
}

function HostStats({
  host: { pace, concurrency, restsUntil, throttledCount, lastThrottledAt },
}: {
  readonly host: HostObject;
}) {
  return (
    <>
      {restsUntil !== undefined && (
        <Note tone="warn">
          <p>
            <strong>
              It is asked nothing for another <Countdown to={restsUntil} />
            </strong>
          </p>
          <p>It said so itself, with 429 or Retry-After. What is due waits, and nothing is lost.</p>
        </Note>
      )}
      <Stats>
        <Stat label="Pace" value={pace === undefined ? 'none' : rate(pace.perSecond)} hint="of all workers together" />
        <Stat label="At a time" value={count(concurrency)} hint="fetches in flight at most" />
        <Stat
          label="Asked to slow down"
          value={count(throttledCount)}
          hint={lastThrottledAt === undefined ? 'lately' : <When at={lastThrottledAt} />}
        />
      </Stats>
    </>
  );
}

const Proxies = ({ proxies }: { readonly proxies: NonNullable<HostObject['proxies']> }) => (
  <Panel title="Proxies" lead="How each does at this host." isFlush>
    <DataTable
      caption="Proxies"
      columns={[
        { id: 'name', head: 'Proxy', isWide: true, isUnlabelled: true, cell: ({ name }) => name },
        { id: 'tier', head: 'Tier', cell: ({ tier }) => tier ?? '–' },
        { id: 'country', head: 'Country', cell: ({ country }) => country ?? '–' },
        { id: 'score', head: 'Score', isNumber: true, cell: ({ score }) => score.toFixed(2) },
        {
          id: 'rests',
          head: 'Rests for',
          cell: ({ restsUntil }) => (restsUntil === undefined ? '–' : <Countdown to={restsUntil} />),
        },
      ]}
      rows={proxies}
      rowKey={({ name }) => name}
      empty={<Empty title="This host is fetched without proxies." />}
    />
  </Panel>
);

function HostJobs({ host }: { readonly host: string }) {
  const client = useClient();
  const query = useQuery(`jobs of ${host}`, (signal) => client.jobs({ host, limit: MAX_SHOWN, signal }).page(), {
    pollMs: POLL_MS,
  });
  return (
    <Panel
      title="Your last jobs there"
      isFlush
      actions={
        <LinkButton href={hrefOf(['jobs'], { host })} kind="quiet" icon="next">
          All of them
        </LinkButton>
      }
    >
      <Loaded query={query}>
        {({ items }) => <JobRows jobs={items} empty={<Empty title="You have none there." icon="file" />} />}
      </Loaded>
    </Panel>
  );
}

const exampleOf = (host: string) => ({
  path: `/hosts/${encodeURIComponent(host)}`,
  cli: `list --jobs --host ${shellWord(host)}`,
  typescript: `const host = await everfetch.host(${literal(host)});`,
  python: `host = everfetch.host(${literal(host)})`,
});
