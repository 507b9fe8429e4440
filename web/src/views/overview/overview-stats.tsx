import type { Overview } from '../../api/types';
import { count, counted, rate, shortCount } from '../../format/numbers';
import { ratePerSecond } from '../../format/minutes';
import { Stat, Stats } from '../../parts/panel';

/** The numbers of the overview. Before they are known there are dashes, so that nothing moves when they come. */
export function OverviewStats({ overview }: { readonly overview: Overview | undefined }) {
  const { urls, credits, workers, throughput } = overview ?? {};
  const alive = workers?.filter(({ isAlive }) => isAlive);
  const inFlight = alive?.reduce((sum, { fetches }) => sum + (fetches?.inFlight ?? 0), 0) ?? 0;
  const numberOr = (value: number | undefined) => (value === undefined ? '–' : shortCount(value));
  return (
    <div aria-live="off">
      <Stats>
        <Stat label="Being fetched" value={numberOr(urls?.running)} hint="URLs right now" />
        <Stat label="Waiting to be retried" value={numberOr(urls?.retrying)} hint="after a failed try" />
        <Stat label="Queued" value={numberOr(urls?.queued)} hint="not begun yet" />
        <Stat
          label="Rate"
          value={throughput === undefined ? '–' : rate(ratePerSecond(throughput, Date.now()))}
          hint="URLs that end"
        />
        <Stat
          label="Credits used"
          value={numberOr(credits?.used)}
          hint={credits?.limit === undefined ? 'no limit' : `of ${count(credits.limit)}`}
        />
        <Stat
          label="Workers alive"
          value={numberOr(alive?.length)}
          hint={alive === undefined ? '' : `${counted(inFlight, 'fetch', 'fetches')} in flight`}
        />
      </Stats>
    </div>
  );
}
