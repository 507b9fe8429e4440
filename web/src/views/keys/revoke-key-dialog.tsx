import { useCallback } from 'preact/hooks';
import { useAction } from '../../data/use-action';
import { counted } from '../../format/numbers';
import { Confirm } from '../../parts/dialog';
import { toast } from '../../parts/toast';
import { useClient } from '../../session/use-client';
import type { KeyDialogProps } from './edit-key-dialog';

/** Asks before a key is refused for good. */
export function RevokeKeyDialog({ apiKey, onClose }: KeyDialogProps) {
  const client = useClient();
  const { id, name, usage } = apiKey;
  const revoke = useAction(
    useCallback(async () => {
      await client.keys.revoke(id);
      toast({ tone: 'good', text: `The key “${name}” is revoked.` });
      onClose();
    }, [client, id, name, onClose]),
  );
  return (
    <Confirm
      title={`Revoke “${name}”?`}
      confirmText="Revoke it"
      isDangerous
      isBusy={revoke.isBusy}
      onConfirm={() => void revoke.run()}
      onClose={onClose}
    >
      <p>It is refused from then on, and that cannot be undone.</p>
      {usage.unfinished > 0 && (
        <p>{counted(usage.unfinished, 'URL')} that it submitted will be fetched all the same.</p>
      )}
    </Confirm>
  );
}
