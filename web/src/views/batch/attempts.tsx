import type { BatchObject } from '../../api/types';
import { useQuery } from '../../data/use-query';
import { count, counted } from '../../format/numbers';
import { Button } from '../../parts/button';
import { Panel } from '../../parts/panel';
import { ShareBars } from '../../parts/share-bars';
import { Empty, Loaded } from '../../parts/states';
import { useClient } from '../../session/use-client';
import { countAttempts, emptyHistogram } from './attempts-histogram';
import type { AttemptsHistogram } from './attempts-histogram';

/** How many attempts the URLs that have ended needed. It is read on request, because all of them have to be looked at. */
export function Attempts({ batch: { id, counts } }: { readonly batch: BatchObject }) {
  const client = useClient();
  const query = useQuery(`attempts ${id}`, async (signal) => {
    const histogram = emptyHistogram();
    for await (const job of client.results(id, { fields: ['attempts', 'status'], signal }))
      countAttempts(histogram, job);
    return histogram;
  });
  return (
    <Panel
      title="Attempts per URL"
      lead="Of the URLs that have ended. Failed ones are marked."
      actions={
        <Button kind="quiet" icon="retry" onClick={query.refresh}>
          Count again
        </Button>
      }
    >
      <Loaded query={query} lines={5}>
        {({ buckets, ended, attempts }) =>
          ended === 0 ? (
            <Empty title="Nothing has ended yet" icon="batches" />
          ) : (
            <>
              <p class="muted">
                {counted(attempts, 'attempt')} for {counted(ended, 'URL')} of {count(counts.total)}:{' '}
                {(attempts / ended).toFixed(2)} each.
              </p>
              <ShareBars
                rows={buckets.slice(0, usedBuckets(buckets)).map(({ label, finished, failed }) => ({
                  id: label,
                  label,
                  parts: [
                    { tone: 'finished', value: finished },
                    { tone: 'failed', value: failed },
                  ],
                  text: countsText(finished, failed),
                }))}
              />
            </>
          )
        }
      </Loaded>
    </Panel>
  );
}

/** How many buckets there are up to the last one that is not empty. */
const usedBuckets = (buckets: AttemptsHistogram['buckets']): number =>
  buckets.findLastIndex(({ finished, failed }) => finished + failed > 0) + 1;

const countsText = (finished: number, failed: number): string =>
  [...(finished > 0 || failed === 0 ? [count(finished)] : []), ...(failed > 0 ? [`${count(failed)} failed`] : [])].join(
    ', ',
  );
