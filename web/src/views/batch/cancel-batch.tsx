import { useCallback } from 'preact/hooks';
import type { BatchObject } from '../../api/types';
import { useAction } from '../../data/use-action';
import { counted } from '../../format/numbers';
import { Confirm } from '../../parts/dialog';
import { toast } from '../../parts/toast';
import { useClient } from '../../session/use-client';

export interface CancelBatchProps {
  readonly batch: BatchObject;
  readonly onChange: () => void;
  readonly onClose: () => void;
}

export function CancelBatch({ batch: { id, counts }, onChange, onClose }: CancelBatchProps) {
  const client = useClient();
  const cancel = useCallback(() => client.cancel(id), [client, id]);
  const { isBusy, run } = useAction(cancel);
  const confirm = async (): Promise<void> => {
    if (!(await run())) return;
    toast({ tone: 'good', text: 'The batch is being cancelled.' });
    onClose();
    onChange();
  };
  return (
    <Confirm
      title="Cancel this batch?"
      confirmText="Cancel the batch"
      isDangerous
      isBusy={isBusy}
      onConfirm={() => void confirm()}
      onClose={onClose}
    >
      <p>
        {counted(counts.queued + counts.running, 'URL')} will not be fetched any more. What has finished is kept. This
        cannot be taken back.
      </p>
    </Confirm>
  );
}
