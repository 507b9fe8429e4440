import type { DeliveryAttempt, DeliveryObject } from '../../api/types';
import { duration } from '../../format/times';
import { spoken } from '../../format/texts';
import { Chip, HttpStatus } from '../../parts/chip';
import { When } from '../../parts/when';

const isGood = ({ statusCode }: DeliveryAttempt): boolean =>
  statusCode !== undefined && statusCode >= 200 && statusCode < 300;

/** Every call of a delivery, with the beginning of what the receiver answered. */
export function CallsTimeline({ delivery: { attempts, attemptCount } }: { readonly delivery: DeliveryObject }) {
  if (attempts.length === 0) return <p class="hint">It has not been called yet.</p>;
  const missing = attemptCount - attempts.length;
  return (
    <ol class="timeline">
      {attempts.map((attempt, index) => (
        <li key={attempt.at}>
          <div class="attempt-head">
            <span class="attempt-number">{missing + index + 1}</span>
            <Chip tone={isGood(attempt) ? 'good' : 'bad'}>{textOf(attempt)}</Chip>
            {attempt.statusCode !== undefined && <HttpStatus code={attempt.statusCode} />}
            <span class="attempt-when">
              <When at={attempt.at} />
            </span>
          </div>
          <p class="attempt-way">took {duration(attempt.durationMs)}</p>
          {attempt.answer !== undefined && attempt.answer !== '' && (
            <pre class="code" tabIndex={0} aria-label={`Answer to call ${missing + index + 1}`}>
              {attempt.answer}
            </pre>
          )}
        </li>
      ))}
    </ol>
  );
}

const textOf = (attempt: DeliveryAttempt): string =>
  isGood(attempt) ? 'Taken' : attempt.error === undefined ? 'Not taken' : spoken(attempt.error);
