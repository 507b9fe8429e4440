import { useCallback } from 'preact/hooks';
import type { DeliveryObject } from '../../api/types';
import { useAction } from '../../data/use-action';
import { Button } from '../../parts/button';
import { toast } from '../../parts/toast';
import { useClient } from '../../session/use-client';

export interface ReplayButtonProps {
  readonly delivery: DeliveryObject;
  readonly onReplay: () => void;
  readonly kind?: 'plain' | 'quiet';
}

/** Has a callback made again. One that is pending is made anyway. */
export function ReplayButton({ delivery: { id, status, event }, onReplay, kind = 'plain' }: ReplayButtonProps) {
  const client = useClient();
  const replay = useAction(
    useCallback(async () => {
      await client.replay(id);
      toast({ tone: 'good', text: 'The callback is made again.' });
      onReplay();
    }, [client, id, onReplay]),
  );
  return (
    <Button
      icon="retry"
      kind={kind}
      isBusy={replay.isBusy}
      isDisabled={status === 'pending'}
      {...(kind === 'quiet' && { label: `Replay ${event} ${id}` })}
      onClick={() => void replay.run()}
    >
      Replay
    </Button>
  );
}
