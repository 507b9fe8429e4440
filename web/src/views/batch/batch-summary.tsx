import { useNow } from '../../data/use-now';
import type { BatchObject } from '../../api/types';
import { ratePerSecond } from '../../format/minutes';
import { count, rate } from '../../format/numbers';
import { duration, rough, stamp } from '../../format/times';
import { CountsBar, CountsLegend } from '../../parts/counts-bar';
import { Stat, Stats } from '../../parts/panel';
import { Icon } from '../../parts/icon';
import { When } from '../../parts/when';
import { RaiseCap } from './raise-cap';

const MINUTE = 60_000;

const isOpen = ({ status }: BatchObject): boolean => status === 'running' || status === 'paused';

/** What limits the batch now, its counts, and when it will be done. */
export function BatchSummary({ batch, onChange }: { readonly batch: BatchObject; readonly onChange: () => void }) {
  const { counts } = batch;
  const ended = counts.finished + counts.failed + counts.cancelled;
  return (
    <section class="panel summary" aria-label="Summary">
      <div class="panel-body">
        <p class="limited-by">
          <Icon name={iconOf(batch)} />
          <span>{sentenceOf(batch)}</span>
          {batch.pausedBecause === 'max_credits' && <RaiseCap batch={batch} onChange={onChange} />}
        </p>
        <CountsBar counts={counts} />
        <CountsLegend counts={counts} />
        <p class="visually-hidden" aria-live="polite" aria-atomic="true">
          {batch.status}, {tensOf(ended, counts.total)} % done
        </p>
      </div>
      <Timing batch={batch} />
    </section>
  );
}

/** Readers of screens hear of every tenth part, not of every number. */
const tensOf = (part: number, total: number): number => Math.floor((part / total) * 10) * 10;

function iconOf({ status, counts }: BatchObject) {
  if (status === 'running') return 'play';
  if (status === 'paused') return 'pause';
  return status === 'finished' && counts.failed === 0 ? 'check' : 'warning';
}

/** The sentence on top: what limits it while it is open, how it went afterwards. */
function sentenceOf({ status, counts, limitedBy, pausedBecause, maxCredits }: BatchObject): string {
  if (limitedBy !== undefined) return limitedBy.sentence;
  switch (status) {
    case 'running':
      return 'It is being worked on.';
    case 'paused':
      return pausedBecause === 'max_credits'
        ? `Paused, because the next URL would cost more than its cap of ${count(maxCredits ?? 0)} credits.`
        : 'Paused. Nothing new is fetched until it is resumed; the time given goes on.';
    case 'cancelled':
      return `Cancelled. What had finished by then is kept: ${count(counts.finished)} of ${count(counts.total)} URLs.`;
    case 'finished':
      return counts.failed === 0
        ? 'Done. Every URL has brought its page.'
        : `Done. ${count(counts.failed)} of ${count(counts.total)} URLs have failed.`;
  }
}

function Timing({ batch }: { readonly batch: BatchObject }) {
  const { counts, createdAt, endedAt, expiresAt, etaSeconds, credits, maxCredits, throughput = [] } = batch;
  const now = useNow();
  const began = Date.parse(createdAt);
  const took = (endedAt === undefined ? now : Date.parse(endedAt)) - began;
  const ended = counts.finished + counts.failed;
  return (
    <Stats>
      {isOpen(batch) ? (
        <Stat
          label="Time left"
          value={etaSeconds === undefined ? '–' : `≈ ${rough(etaSeconds * 1_000)}`}
          hint={etaSeconds === undefined ? 'not known yet' : `until ${stamp(now + etaSeconds * 1_000).slice(11, 16)}`}
        />
      ) : (
        <Stat
          label="Ended"
          value={<When at={endedAt} />}
          hint={endedAt === undefined ? '' : stamp(Date.parse(endedAt))}
        />
      )}
      <Stat
        label={isOpen(batch) ? 'Running for' : 'Took'}
        value={isOpen(batch) && took < MINUTE ? rough(took) : duration(took)}
        hint={`since ${stamp(began)}`}
      />
      <Stat
        label="Rate"
        value={rate(isOpen(batch) ? ratePerSecond(throughput, now) : ended / Math.max(1, took / 1_000))}
        hint={isOpen(batch) ? 'URLs that end, now' : 'URLs, on average'}
      />
      <Stat
        label="Credits"
        value={count(credits)}
        hint={maxCredits === undefined ? 'no cap' : `of ${count(maxCredits)} at most`}
      />
      {expiresAt !== undefined && (
        <Stat label="Results are kept" value={<When at={expiresAt} />} hint={`until ${stamp(Date.parse(expiresAt))}`} />
      )}
    </Stats>
  );
}
