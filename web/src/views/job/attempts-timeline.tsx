import type { JobObject, TriedAttempt } from '../../api/types';
import { counted } from '../../format/numbers';
import { duration } from '../../format/times';
import { Chip, HttpStatus } from '../../parts/chip';
import { Countdown, When } from '../../parts/when';
import { engineOf, resultOf, toneOf, wayOf } from './attempt-text';

/** Every attempt of a job in its order: how it was made, what it ended with, and why the next one differs. */
export function AttemptsTimeline({ job }: { readonly job: JobObject }) {
  const tried = job.tried ?? [];
  const missing = Math.max(0, job.attempts - tried.length);
  return (
    <>
      {missing > 0 && tried.length > 0 && (
        <p class="hint">
          {counted(missing, 'earlier attempt')} is no longer kept; the first one shown is number {missing + 1}.
        </p>
      )}
      {tried.length === 0 && <p class="hint">{withoutHistory(job)}</p>}
      <ol class="timeline">
        {tried.map((attempt, index) => (
          <Attempt
            key={missing + index}
            attempt={attempt}
            number={missing + index + 1}
            isWaiting={job.status === 'running' && index === tried.length - 1}
          />
        ))}
      </ol>
    </>
  );
}

function withoutHistory({ status, attempts }: JobObject): string {
  if (status === 'running')
    return attempts === 0 ? 'The first attempt has not ended yet.' : 'An attempt is being made.';
  if (status === 'finished') return 'The first attempt brought the page.';
  return attempts === 0 ? 'It ended before its first attempt.' : `It ended after ${counted(attempts, 'attempt')}.`;
}

interface AttemptProps {
  readonly attempt: TriedAttempt;
  readonly number: number;
  /** Whether the job waits for what comes next, so that the time until then is worth a countdown. */
  readonly isWaiting: boolean;
}

function Attempt({ attempt, number, isWaiting }: AttemptProps) {
  const { kind, statusCode, at, durationMs, next, nextAt } = attempt;
  return (
    <li class={toneOf(kind)}>
      <div class="attempt-head">
        <span class="attempt-number">{number}</span>
        <Chip tone={toneOf(kind)}>{resultOf(attempt)}</Chip>
        {statusCode !== undefined && <HttpStatus code={statusCode} />}
      </div>
      <p class="attempt-way">
        {wayOf(attempt)}
        {durationMs !== undefined && `, took ${duration(durationMs)}`}
        {at !== undefined && (
          <>
            , <When at={at} />
          </>
        )}
      </p>
      {next !== undefined && (
        <p class="attempt-next">
          <strong>Next:</strong> {nextWay(next)}. {next.why}
          {isWaiting && nextAt !== undefined && (
            <>
              {' '}
              In <Countdown to={nextAt} />.
            </>
          )}
        </p>
      )}
    </li>
  );
}

const nextWay = ({ engine, tier }: NonNullable<TriedAttempt['next']>): string =>
  tier === undefined ? engineOf(engine) : `${engineOf(engine)}, ${tier} proxy`;
