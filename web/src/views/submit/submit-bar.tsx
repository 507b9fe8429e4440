import { count, counted } from '../../format/numbers';
import { Button } from '../../parts/button';
import type { SubmitForm } from '../../submit/batch-fields';
import type { ReadUrls } from '../../submit/read-urls';
import { useCost } from './use-cost';
import { MAX_BATCH_URLS } from './use-submission';
import type { Submission } from './use-submission';

export interface SubmitBarProps {
  readonly read: ReadUrls;
  readonly form: SubmitForm;
  readonly submission: Submission;
}

/** What would be submitted and what it costs, with the button that does it. */
export function SubmitBar({ read, form, submission }: SubmitBarProps) {
  const urls = read.lines.length;
  const cost = useCost(read.lines, form);
  const batches = Math.ceil(urls / MAX_BATCH_URLS);
  const isReady = urls > 0 && read.problemCount === 0;
  return (
    <div class="submit-bar">
      <dl class="submit-facts" aria-live="polite">
        <div>
          <dt>URLs</dt>
          <dd>{count(urls)}</dd>
        </div>
        <div>
          <dt>Hosts</dt>
          <dd>{count(cost.hosts)}</dd>
        </div>
        <div>
          <dt>Cost at most</dt>
          <dd>{cost.credits === undefined ? '–' : `${cost.isExact ? '' : '≈ '}${counted(cost.credits, 'credit')}`}</dd>
        </div>
        {batches > 1 && (
          <div>
            <dt>Batches of {count(MAX_BATCH_URLS)}</dt>
            <dd>{submission.taken > 0 ? `${submission.taken} of ${batches} taken` : count(batches)}</dd>
          </div>
        )}
      </dl>
      <Button kind="primary" type="submit" icon="submit" isBusy={submission.isBusy} isDisabled={!isReady}>
        {submission.isBusy ? 'Submitting …' : urls === 0 ? 'Submit' : `Submit ${counted(urls, 'URL')}`}
      </Button>
    </div>
  );
}
