import { useCallback } from 'preact/hooks';
import type { BatchObject } from '../../api/types';
import { useAction } from '../../data/use-action';
import { Button } from '../../parts/button';
import { saveAnswer } from '../../parts/save-answer';
import { useClient } from '../../session/use-client';

/** Downloads the results as lines of JSON, and the pages as a WARC file. */
export function Downloads({ batch: { id, counts } }: { readonly batch: BatchObject }) {
  const client = useClient();
  const saveResults = useCallback(
    async () => saveAnswer(await client.request('GET', `/batches/${id}/results`), `${id}.ndjson`),
    [client, id],
  );
  const saveArchive = useCallback(async () => saveAnswer(await client.archive(id), `${id}.warc.gz`), [client, id]);
  const results = useAction(saveResults);
  const archive = useAction(saveArchive);
  const isEmpty = counts.finished + counts.failed + counts.cancelled === 0;
  return (
    <>
      <Button icon="download" isBusy={results.isBusy} isDisabled={isEmpty} onClick={() => void results.run()}>
        Results
      </Button>
      <Button
        icon="download"
        label="Download all pages as a WARC file"
        isBusy={archive.isBusy}
        isDisabled={counts.finished === 0}
        onClick={() => void archive.run()}
      >
        WARC
      </Button>
    </>
  );
}
