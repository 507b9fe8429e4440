import { useMemo } from 'preact/hooks';
import type { BatchObject } from '../../api/types';
import { minuteSeries, minutesToShow } from '../../format/minutes';
import { count, counted } from '../../format/numbers';
import { duration } from '../../format/times';
import { hrefOf } from '../../routing/location';
import { DataTable } from '../../parts/data-table';
import type { Column } from '../../parts/data-table';
import { Panel } from '../../parts/panel';
import { Plot } from '../../parts/plot';
import { Empty } from '../../parts/states';

type SlowHost = NonNullable<BatchObject['slowestHosts']>[number];

/** How fast the URLs of a batch end, and what holds it up. */
export function Progress({ batch }: { readonly batch: BatchObject }) {
  const { throughput = [], createdAt, endedAt, slowestHosts = [] } = batch;
  const endMs = endedAt === undefined ? Date.now() : Date.parse(endedAt);
  const minutes = minutesToShow(Date.parse(createdAt), endMs);
  const lastMinute = Math.floor(endMs / 60_000);
  const { times, finished, failed } = useMemo(
    () => minuteSeries(throughput, { endMs: lastMinute * 60_000, minutes }),
    [throughput, lastMinute, minutes],
  );
  const series = useMemo(
    () => [
      { name: 'finished', tone: 'finished', values: finished } as const,
      { name: 'failed', tone: 'failed', values: failed } as const,
    ],
    [finished, failed],
  );
  return (
    <div class="view-grid">
      <div class="two-thirds">
        <Panel title="URLs that ended" lead="In each minute">
          <Plot
            summary={`URLs that ended in each of ${minutes} minutes, at most ${counted(Math.max(0, ...finished), 'URL')} finished in one.`}
            times={times}
            series={series}
            height={220}
          />
        </Panel>
      </div>
      <div class="third">
        <Panel title="Slow hosts" lead="Attempts of two seconds and longer" isFlush>
          <DataTable
            caption="Slow hosts"
            columns={columns}
            rows={slowestHosts}
            rowKey={({ host }) => host}
            empty={<Empty title="No host is slow" icon="check" />}
          />
        </Panel>
      </div>
    </div>
  );
}

const columns: readonly Column<SlowHost>[] = [
  { id: 'host', head: 'Host', isUnlabelled: true, cell: ({ host }) => <a href={hrefOf(['hosts', host])}>{host}</a> },
  { id: 'attempts', head: 'Attempts', isNumber: true, cell: ({ attempts }) => count(attempts) },
  { id: 'mean', head: 'Mean', isNumber: true, cell: ({ meanMs }) => duration(meanMs) },
];
