import { useQuery } from '../../data/use-query';
import { count } from '../../format/numbers';
import { stamp } from '../../format/times';
import { CopyAs } from '../../parts/copy-as';
import { DataTable } from '../../parts/data-table';
import { PageHeader } from '../../parts/page-header';
import { Panel, Stat, Stats } from '../../parts/panel';
import { Plot } from '../../parts/plot';
import { SelectField } from '../../parts/field';
import { Empty, Loaded } from '../../parts/states';
import { replaceQuery, useLocation } from '../../routing/use-location';
import { literal } from '../../samples/code-samples';
import { useClient } from '../../session/use-client';
import { OwnLimits } from './own-limits';
import { periodsOf, rangeOf, ranges } from './periods';
import type { Period, Range } from './periods';

const POLL_MS = 60_000;
/** A start of the range that moves on only every minute, so that it is not another question each time. */
const MINUTE_MS = 60_000;

/** What the key has used, over time, and what it may use. */
export function UsageView() {
  const client = useClient();
  const range = rangeOf(useLocation().query['range']);
  const since = new Date(Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - range.ms).toISOString();
  const query = useQuery(`usage ${range.id}`, (signal) => client.usage({ since, signal }), { pollMs: POLL_MS });
  return (
    <>
      <PageHeader title="Usage" actions={<CopyAs example={exampleOf(since)} />}>
        What this key has used, and what it may use.
      </PageHeader>
      <div class="view-grid">
        <OwnLimits />
        <Panel title="Over time" actions={<RangeField range={range} />}>
          <Loaded query={query} lines={6}>
            {(items) =>
              items.length === 0 ? (
                <Empty title={`Nothing was used in the last ${range.text}.`} icon="usage" />
              ) : (
                <UsageOf periods={periodsOf(items, range, Date.now())} range={range} />
              )
            }
          </Loaded>
        </Panel>
      </div>
    </>
  );
}

const RangeField = ({ range }: { readonly range: Range }) => (
  <SelectField
    label="The last"
    value={range.id}
    onChange={(id) => replaceQuery({ range: id === ranges[0]?.id ? undefined : id })}
    options={ranges.map(({ id, text }) => ({ value: id, text }))}
  />
);

function UsageOf({ periods, range }: { readonly periods: readonly Period[]; readonly range: Range }) {
  const total = (name: 'credits' | 'finished' | 'failed' | 'cancelled'): number =>
    periods.reduce((sum, period) => sum + period[name], 0);
  const times = periods.map(({ atMs }) => atMs / 1_000);
  const valuesOf = (name: 'credits' | 'finished' | 'failed'): number[] => periods.map((period) => period[name]);
  return (
    <div class="stack">
      <Stats>
        <Stat label="Credits" value={count(total('credits'))} hint={`in the last ${range.text}`} />
        <Stat label="Finished" value={count(total('finished'))} hint="pages" />
        <Stat label="Failed" value={count(total('failed'))} hint="never charged" />
        <Stat label="Cancelled" value={count(total('cancelled'))} />
      </Stats>
      <h3>Credits</h3>
      <Plot
        summary={`Credits per ${range.unit}: ${count(total('credits'))} in the last ${range.text}`}
        times={times}
        series={[{ name: `credits per ${range.unit}`, tone: 'credits', values: valuesOf('credits') }]}
      />
      <h3>URLs</h3>
      <Plot
        summary={`URLs per ${range.unit}: ${count(total('finished'))} finished and ${count(total('failed'))} failed in the last ${range.text}`}
        times={times}
        series={[
          { name: 'finished', tone: 'finished', values: valuesOf('finished') },
          { name: 'failed', tone: 'failed', values: valuesOf('failed') },
        ]}
      />
      <details>
        <summary>As a table</summary>
        <UsageTable periods={periods} unit={range.unit} />
      </details>
    </div>
  );
}

const UsageTable = ({ periods, unit }: { readonly periods: readonly Period[]; readonly unit: string }) => (
  <DataTable
    caption={`Usage per ${unit}`}
    columns={[
      { id: 'at', head: 'From', isUnlabelled: true, cell: ({ atMs }) => stamp(atMs).slice(0, 16) },
      { id: 'credits', head: 'Credits', isNumber: true, cell: ({ credits }) => count(credits) },
      { id: 'finished', head: 'Finished', isNumber: true, cell: ({ finished }) => count(finished) },
      { id: 'failed', head: 'Failed', isNumber: true, cell: ({ failed }) => count(failed) },
      { id: 'cancelled', head: 'Cancelled', isNumber: true, cell: ({ cancelled }) => count(cancelled) },
    ]}
    rows={periods.filter(({ credits, finished, failed, cancelled }) => credits + finished + failed + cancelled > 0)}
    rowKey={({ atMs }) => String(atMs)}
    empty={null}
  />
);

const exampleOf = (since: string) => ({
  path: '/account/usage',
  query: { since },
  cli: 'account',
  typescript: `const hours = await everfetch.usage({ since: ${literal(since)} });`,
  python: `hours = everfetch.usage(since=${literal(since)})`,
});
