import type { WorkerObject } from '../../api/types';
import { count } from '../../format/numbers';
import { shortId } from '../../format/texts';
import { StatusChip } from '../../parts/chip';
import { DataTable } from '../../parts/data-table';
import type { Column } from '../../parts/data-table';
import { Meter } from '../../parts/meter';
import { Empty } from '../../parts/states';
import { When } from '../../parts/when';

/** What a worker can do, in words: `browser, datacenter proxies in de, us`. */
function abilitiesOf({ hasBrowser, proxies }: WorkerObject['features']): string {
  const tiers = new Map<string, Set<string>>();
  for (const { tier, country } of proxies) {
    const countries = tiers.get(tier) ?? new Set();
    if (country !== undefined) countries.add(country);
    tiers.set(tier, countries);
  }
  const words = [...tiers].map(
    ([tier, countries]) => `${tier} proxies${countries.size === 0 ? '' : ` in ${[...countries].sort().join(', ')}`}`,
  );
  return ['plain fetches', ...(hasBrowser ? ['browser'] : []), ...words].join(', ');
}

const columns: readonly Column<WorkerObject>[] = [
  { id: 'worker', head: 'Worker', cell: ({ id }) => <code title={id}>{shortId(id)}</code> },
  { id: 'state', head: 'State', cell: ({ isAlive }) => <StatusChip status={isAlive ? 'alive' : 'gone'} /> },
  { id: 'can', head: 'Can do', cell: ({ features }) => abilitiesOf(features), isWide: true },
  {
    id: 'fetches',
    head: 'Fetches in flight',
    cell: ({ fetches }) =>
      fetches === undefined ? (
        <span class="none">–</span>
      ) : (
        <Meter
          value={fetches.inFlight}
          max={fetches.limit}
          text={`${count(fetches.inFlight)} of ${count(fetches.limit)}`}
        />
      ),
  },
  { id: 'seen', head: 'Heard of', cell: ({ seenAt }) => <When at={seenAt} /> },
];

export const Workers = ({ workers }: { readonly workers: readonly WorkerObject[] }) => (
  <DataTable
    caption="Workers"
    columns={columns}
    rows={workers}
    rowKey={({ id }) => id}
    empty={
      <Empty title="No worker has been heard of" icon="warning">
        Nothing is fetched until one runs: <code>everfetch worker</code>, or <code>everfetch start</code> for everything
        in one.
      </Empty>
    }
  />
);
