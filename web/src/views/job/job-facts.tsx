import type { JobObject } from '../../api/types';
import { hostOf } from '../../format/hosts';
import { batchOf, madeAt } from '../../format/job-ids';
import { count } from '../../format/numbers';
import { shortId, spoken } from '../../format/texts';
import { HttpStatus } from '../../parts/chip';
import { Facts } from '../../parts/panel';
import { When } from '../../parts/when';
import { hrefOf } from '../../routing/location';
import { failureText } from './attempt-text';

/** What is known of a job beside its attempts. */
export function JobFacts({ job }: { readonly job: JobObject }) {
  const host = hostOf(job.url);
  const batchId = batchOf(job.id);
  const { response, failReason, lastFailure, ignoredParams } = job;
  return (
    <div class="job-facts">
      <Facts
        facts={[
          [
            'URL',
            <a href={job.url} target="_blank" rel="noreferrer">
              {job.url}
            </a>,
          ],
          ['Host', host && <a href={hrefOf(['hosts', host])}>{host}</a>],
          ['Batch', batchId && <a href={hrefOf(['batches', batchId])}>{shortId(batchId)}</a>],
          ['Status of the page', response && <HttpStatus code={response.statusCode} />],
          ['Failed because', failReason && spoken(failReason)],
          ['Last failure', lastFailure && failureText(lastFailure)],
          ['Attempts', count(job.attempts)],
          ['Credits', job.credits === undefined ? undefined : count(job.credits)],
          ['Submitted', <When at={madeAt(job.id)} />],
          ['Ended', job.finishedAt && <When at={job.finishedAt} />],
          ['Kept until', job.expiresAt && <When at={job.expiresAt} />],
          ['Your id', job.clientId],
          ['Your meta', job.meta === undefined ? undefined : <code>{JSON.stringify(job.meta)}</code>],
          ['Parameters left out', ignoredParams?.join(', ')],
        ]}
      />
    </div>
  );
}
