import { useClient } from '../session/use-client';
import { useQuery } from '../data/use-query';
import { CopyAs } from '../parts/copy-as';
import { PageHeader } from '../parts/page-header';
import { Panel } from '../parts/panel';
import { Loaded } from '../parts/states';
import { OpenBatches } from './overview/open-batches';
import { OverviewStats } from './overview/overview-stats';
import { ReceiversInTrouble } from './overview/receivers-in-trouble';
import { Throughput } from './overview/throughput';
import { Workers } from './overview/workers';

const POLL_MS = 3_000;

/** What goes on, at a glance. */
export function Overview() {
  const client = useClient();
  const query = useQuery('overview', (signal) => client.overview({ signal }), { pollMs: POLL_MS });
  return (
    <>
      <PageHeader
        title="Overview"
        actions={
          <CopyAs
            example={{
              path: '/overview',
              cli: 'list --status running',
              typescript: 'console.log(await everfetch.overview());',
              python: 'print(everfetch.overview())',
            }}
          />
        }
      />
      <div class="view-grid">
        <OverviewStats overview={query.data} />
        <OpenBatches openOfAll={query.data?.isAdmin === true ? query.data.openBatches : undefined} />
        <Panel title="URLs that ended" lead="In each of the last 60 minutes">
          <Throughput throughput={query.data?.throughput ?? []} />
        </Panel>
        <div class="two-thirds">
          <Panel title="Workers" isFlush>
            <Loaded query={query}>{({ workers }) => <Workers workers={workers} />}</Loaded>
          </Panel>
        </div>
        <div class="third">
          <ReceiversInTrouble count={query.data?.receiversInTrouble} />
        </div>
      </div>
    </>
  );
}
