import { useMemo } from 'preact/hooks';
import type { EndedInMinute } from '../../format/minutes';
import { minuteSeries } from '../../format/minutes';
import { counted } from '../../format/numbers';
import { Plot } from '../../parts/plot';

const MINUTES = 60;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** What ended in the last hour, by outcome. */
export function Throughput({ throughput }: { readonly throughput: readonly EndedInMinute[] }) {
  const { times, finished, failed } = useMemo(
    () => minuteSeries(throughput, { endMs: Date.now(), minutes: MINUTES }),
    [throughput],
  );
  const series = useMemo(
    () => [
      { name: 'finished', tone: 'finished', values: finished } as const,
      { name: 'failed', tone: 'failed', values: failed } as const,
    ],
    [finished, failed],
  );
  return (
    <Plot
      summary={`In the last hour ${counted(sum(finished), 'URL')} finished and ${sum(failed)} failed.`}
      times={times}
      series={series}
    />
  );
}
