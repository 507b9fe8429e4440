import { batchesPage } from '../api/pages';
import { useQuery } from '../data/use-query';
import { LinkButton } from '../parts/button';
import { CopyAs } from '../parts/copy-as';
import { PageHeader } from '../parts/page-header';
import { Pager } from '../parts/pager';
import { Panel } from '../parts/panel';
import { QuerySelect, QueryTextField } from '../parts/query-fields';
import { Empty, Loaded } from '../parts/states';
import { hrefOf } from '../routing/location';
import { useLocation } from '../routing/use-location';
import { cliOptions, jsObject, pythonArguments } from '../samples/code-samples';
import { useClient } from '../session/use-client';
import { BatchRows } from './batch/batch-rows';

const LIMIT = 50;
const POLL_MS = 3_000;
const statuses = ['running', 'paused', 'finished', 'cancelled'].map((value) => ({ value, text: value }));

/** All batches of the key, newest first. */
export function Batches() {
  const client = useClient();
  const { status, q, tag, cursor } = useLocation().query;
  const filter = { status, q, tag };
  const asked = { ...filter, cursor, limit: LIMIT };
  const query = useQuery(`batches ${JSON.stringify(asked)}`, (signal) => batchesPage(client, asked, { signal }), {
    pollMs: POLL_MS,
  });
  const isFiltered = status !== undefined || q !== undefined || tag !== undefined;
  return (
    <>
      <PageHeader
        title="Batches"
        actions={
          <CopyAs
            example={{
              path: '/batches',
              query: filter,
              cli: `list${cliOptions(filter)}`,
              typescript: `for await (const batch of everfetch.batches(${jsObject(filter)})) console.log(batch.id, batch.counts);`,
              python: `for batch in everfetch.batches(${pythonArguments(filter)}):\n    print(batch["id"], batch["counts"])`,
            }}
          />
        }
      />
      <Panel title="All batches" isFlush>
        <div class="filters">
          <QueryTextField label="Name contains" name="q" />
          <QuerySelect label="Status" name="status" anyText="any" options={statuses} />
          <QueryTextField label="Tag" name="tag" />
        </div>
        <Loaded query={query} lines={8}>
          {({ items, nextCursor }) => (
            <>
              <BatchRows
                batches={items}
                empty={<NoBatches isFiltered={isFiltered} hasMore={nextCursor !== undefined} />}
              />
              <Pager nextCursor={nextCursor} />
            </>
          )}
        </Loaded>
      </Panel>
    </>
  );
}

const NoBatches = ({ isFiltered, hasMore }: { readonly isFiltered: boolean; readonly hasMore: boolean }) =>
  isFiltered ? (
    <Empty title={hasMore ? 'Nothing on this page of the search' : 'No batch matches'}>
      {hasMore ? 'The search goes on with the next page.' : <a href={hrefOf(['batches'])}>Clear the filters</a>}
    </Empty>
  ) : (
    <Empty title="No batch yet" icon="batches">
      <LinkButton href="#/submit" kind="primary" icon="submit">
        Submit URLs
      </LinkButton>
    </Empty>
  );
