import { useCallback } from 'preact/hooks';
import type { BatchObject } from '../../api/types';
import { useAction } from '../../data/use-action';
import { counted } from '../../format/numbers';
import { Confirm } from '../../parts/dialog';
import { toast } from '../../parts/toast';
import { hrefOf } from '../../routing/location';
import { navigate } from '../../routing/use-location';
import { useClient } from '../../session/use-client';

export function DeleteBatch({ batch, onClose }: { readonly batch: BatchObject; readonly onClose: () => void }) {
  const client = useClient();
  const { id, counts } = batch;
  const forget = useCallback(() => client.forgetBatch(id), [client, id]);
  const { isBusy, run } = useAction(forget);
  const confirm = async (): Promise<void> => {
    if (!(await run())) return;
    toast({ tone: 'good', text: 'The batch and its pages are deleted.' });
    onClose();
    navigate(hrefOf(['batches']));
  };
  return (
    <Confirm
      title="Delete this batch?"
      confirmText="Delete for good"
      isDangerous
      isBusy={isBusy}
      onConfirm={() => void confirm()}
      onClose={onClose}
    >
      <p>
        The batch, its {counted(counts.total, 'URL')} with their pages, and its callbacks with their log are deleted at
        once, before their retention is over. This cannot be taken back.
      </p>
    </Confirm>
  );
}
