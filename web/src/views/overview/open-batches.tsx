import { batchesPage } from '../../api/pages';
import { useQuery } from '../../data/use-query';
import { count } from '../../format/numbers';
import { LinkButton } from '../../parts/button';
import { Panel } from '../../parts/panel';
import { Empty, Loaded } from '../../parts/states';
import { useClient } from '../../session/use-client';
import { BatchRows } from '../batch/batch-rows';

const SHOWN = 8;
const POLL_MS = 2_000;

export interface OpenBatchesProps {
  /** Open batches of the whole installation, which an admin key is told of. */
  readonly openOfAll: number | undefined;
}

/** The newest batches that have not ended, and where there are none the newest of all. */
export function OpenBatches({ openOfAll }: OpenBatchesProps) {
  const client = useClient();
  const query = useQuery(
    'open batches',
    async (signal) => {
      const limit = SHOWN;
      const [running, paused] = await Promise.all(
        ['running', 'paused'].map((status) => batchesPage(client, { status, limit }, { signal })),
      );
      const open = [...(running?.items ?? []), ...(paused?.items ?? [])];
      open.sort((one, other) => other.createdAt.localeCompare(one.createdAt));
      if (open.length > 0) return { isOpen: true, batches: open.slice(0, SHOWN) };
      const { items } = await batchesPage(client, { limit: 3 }, { signal });
      return { isOpen: false, batches: items };
    },
    { pollMs: POLL_MS },
  );
  const shownOpen = query.data?.isOpen === true ? query.data.batches.length : 0;
  return (
    <Panel
      title={query.data?.isOpen === false ? 'Latest batches' : 'Open batches'}
      {...(openOfAll !== undefined &&
        query.data !== undefined &&
        openOfAll > shownOpen && { lead: `${count(openOfAll)} are open in the whole installation` })}
      isFlush
      actions={
        <LinkButton href="#/batches" kind="quiet" icon="next">
          All batches
        </LinkButton>
      }
    >
      <Loaded query={query}>
        {({ batches }) => (
          <BatchRows
            batches={batches}
            empty={
              <Empty title="No batch yet" icon="batches">
                <p>Paste some URLs and watch them come in.</p>
                <p>
                  <LinkButton href="#/submit" kind="primary" icon="submit">
                    Submit URLs
                  </LinkButton>
                </p>
              </Empty>
            }
          />
        )}
      </Loaded>
    </Panel>
  );
}
