import { ask } from '../../api/ask';
import type { Page, Receiver } from '../../api/types';
import { useQuery } from '../../data/use-query';
import { count } from '../../format/numbers';
import { StatusChip } from '../../parts/chip';
import { CopyAs } from '../../parts/copy-as';
import { DataTable } from '../../parts/data-table';
import type { Column } from '../../parts/data-table';
import { PageHeader } from '../../parts/page-header';
import { Pager } from '../../parts/pager';
import { Panel } from '../../parts/panel';
import { QuerySelect } from '../../parts/query-fields';
import { Empty, Loaded } from '../../parts/states';
import { Countdown, When } from '../../parts/when';
import { hrefOf } from '../../routing/location';
import { useLocation } from '../../routing/use-location';
import { jsObject, pythonArguments } from '../../samples/code-samples';
import { useClient } from '../../session/use-client';
import { lastErrorText } from './last-error-text';

const POLL_MS = 10_000;
const PAGE_SIZE = 100;

/** Where callbacks of the key go, and how each receiver does. */
export function ReceiversView() {
  const client = useClient();
  const { health, cursor } = useLocation().query;
  const asked = { health, cursor, limit: PAGE_SIZE };
  const page = useQuery(
    `receivers ${JSON.stringify(asked)}`,
    (signal) => ask<Page<Receiver>>(client, 'GET', '/webhooks/receivers', { query: asked, signal }),
    { pollMs: POLL_MS },
  );
  return (
    <>
      <PageHeader title="Receivers" actions={<CopyAs example={exampleOf(health)} />}>
        Where callbacks go: all URLs of one origin share a queue, a pace and a health.
      </PageHeader>
      <Panel title="Receivers" isFlush>
        <div class="filters" role="search" aria-label="Filter receivers">
          <QuerySelect label="Health" name="health" anyText="Any" options={healths} />
        </div>
        <Loaded query={page} lines={5}>
          {({ items, nextCursor }) => (
            <>
              <DataTable
                caption="Receivers"
                columns={columns}
                rows={items}
                rowKey={({ id }) => id}
                empty={<NoReceivers isFiltered={health !== undefined} />}
              />
              <Pager nextCursor={nextCursor} />
            </>
          )}
        </Loaded>
      </Panel>
    </>
  );
}

const healths = ['healthy', 'failing', 'probing'].map((health) => ({ value: health, text: health }));

const columns: readonly Column<Receiver>[] = [
  {
    id: 'origin',
    head: 'Receiver',
    isWide: true,
    isUnlabelled: true,
    cell: ({ id, origin }) => <a href={hrefOf(['receivers', id])}>{origin}</a>,
  },
  { id: 'health', head: 'Health', cell: ({ health }) => <StatusChip status={health} /> },
  { id: 'pending', head: 'Waiting', isNumber: true, cell: ({ pending }) => count(pending) },
  { id: 'since', head: 'Failing since', cell: ({ failingSince }) => <When at={failingSince} /> },
  {
    id: 'next',
    head: 'Next call',
    cell: ({ nextCallAt }) => (nextCallAt === undefined ? <span class="none">–</span> : <Countdown to={nextCallAt} />),
  },
  { id: 'error', head: 'Last error', cell: ({ lastError }) => lastErrorText(lastError) },
  { id: 'urls', head: 'URLs in trouble', isNumber: true, cell: ({ troubledUrls }) => count(troubledUrls) },
];

const NoReceivers = (props: { readonly isFiltered: boolean }) =>
  props.isFiltered ? (
    <Empty title="No receiver is like that." />
  ) : (
    <Empty title="No callbacks have been made yet." icon="receivers">
      A job or a batch with <code>callback</code> makes one when it ends.
    </Empty>
  );

const exampleOf = (health: string | undefined) => ({
  path: '/webhooks/receivers',
  query: { health },
  cli: 'deliveries --status pending',
  typescript: `for await (const receiver of everfetch.receivers(${jsObject({ health })})) console.log(receiver.origin, receiver.health);`,
  python: `for receiver in everfetch.receivers(${pythonArguments({ health })}):\n    print(receiver["origin"], receiver["health"])`,
});
