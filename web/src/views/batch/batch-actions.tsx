import { useCallback, useState } from 'preact/hooks';
import type { BatchObject } from '../../api/types';
import { useAction } from '../../data/use-action';
import { Button } from '../../parts/button';
import { CopyAs } from '../../parts/copy-as';
import { toast } from '../../parts/toast';
import { useClient } from '../../session/use-client';
import { batchExample } from './batch-example';
import { CancelBatch } from './cancel-batch';
import { DeleteBatch } from './delete-batch';
import { Downloads } from './downloads';
import { RetryFailed } from './retry-failed';

export interface BatchActionsProps {
  readonly batch: BatchObject;
  readonly onChange: () => void;
}

/** What can be done with a batch in its state. Whatever cannot be taken back is asked for once more. */
export function BatchActions({ batch, onChange }: BatchActionsProps) {
  const { status, counts } = batch;
  const [asked, setAsked] = useState<'cancel' | 'retry' | 'delete'>();
  const close = useCallback(() => setAsked(undefined), []);
  const isOpen = status === 'running' || status === 'paused';
  return (
    <>
      {isOpen && <PauseOrResume batch={batch} onChange={onChange} />}
      {isOpen && (
        <Button icon="stop" onClick={() => setAsked('cancel')}>
          Cancel …
        </Button>
      )}
      {!isOpen && counts.failed > 0 && (
        <Button icon="retry" kind="primary" onClick={() => setAsked('retry')}>
          Retry failed …
        </Button>
      )}
      <Downloads batch={batch} />
      {!isOpen && (
        <Button icon="trash" kind="quiet" onClick={() => setAsked('delete')}>
          Delete …
        </Button>
      )}
      <CopyAs example={batchExample(batch.id)} />
      {asked === 'cancel' && <CancelBatch batch={batch} onClose={close} onChange={onChange} />}
      {asked === 'retry' && <RetryFailed batchId={batch.id} filter={{}} onClose={close} onChange={onChange} />}
      {asked === 'delete' && <DeleteBatch batch={batch} onClose={close} />}
    </>
  );
}

function PauseOrResume({ batch: { id, status }, onChange }: BatchActionsProps) {
  const client = useClient();
  const isPaused = status === 'paused';
  const toggle = useCallback(() => (isPaused ? client.resume(id) : client.pause(id)), [client, id, isPaused]);
  const { isBusy, run } = useAction(toggle);
  const press = async (): Promise<void> => {
    if (!(await run())) return;
    toast({ tone: 'good', text: isPaused ? 'The batch goes on.' : 'Paused. What is in flight still ends.' });
    onChange();
  };
  return (
    <Button
      icon={isPaused ? 'play' : 'pause'}
      kind={isPaused ? 'primary' : 'plain'}
      isBusy={isBusy}
      onClick={() => void press()}
    >
      {isPaused ? 'Resume' : 'Pause'}
    </Button>
  );
}
