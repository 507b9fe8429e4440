import { useCallback, useState } from 'preact/hooks';
import type { KeyObject } from '../../api/types';
import { useAction } from '../../data/use-action';
import { Confirm } from '../../parts/dialog';
import { CheckField } from '../../parts/field';
import { toast } from '../../parts/toast';
import { useClient } from '../../session/use-client';
import { LimitFields, areLimitsRight, limitsOf, typedLimits } from './limit-fields';

export interface KeyDialogProps {
  readonly apiKey: KeyObject;
  readonly onClose: () => void;
}

/** Changes the limits of a key, which hold from then on. */
export function EditKeyDialog({ apiKey, onClose }: KeyDialogProps) {
  const client = useClient();
  const [limits, setLimits] = useState(() => typedLimits(apiKey.limits));
  const [isAdmin, setIsAdmin] = useState(apiKey.isAdmin);
  const change = useAction(
    useCallback(async () => {
      const fields = { limits: limitsOf(limits), ...(isAdmin !== apiKey.isAdmin && { isAdmin }) };
      await client.keys.update(apiKey.id, fields);
      toast({ tone: 'good', text: `The key “${apiKey.name}” is changed.` });
      onClose();
    }, [client, apiKey, limits, isAdmin, onClose]),
  );
  return (
    <Confirm
      title={`Limits of “${apiKey.name}”`}
      confirmText="Change it"
      isBusy={change.isBusy}
      isDisabled={!areLimitsRight(limits)}
      onConfirm={() => void change.run()}
      onClose={onClose}
    >
      <LimitFields limits={limits} onChange={setLimits} />
      <CheckField
        label="Admin key"
        hint="Sees and manages all keys, and what all of them do."
        isChecked={isAdmin}
        onChange={setIsAdmin}
      />
    </Confirm>
  );
}
