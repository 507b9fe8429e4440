import { useCallback, useState } from 'preact/hooks';
import type { CreatedKey } from '../../api/types';
import { ask } from '../../api/ask';
import { useAction } from '../../data/use-action';
import { Button } from '../../parts/button';
import { CopyButton } from '../../parts/copy-button';
import { Confirm, Dialog } from '../../parts/dialog';
import { CheckField, TextField } from '../../parts/field';
import { Note } from '../../parts/states';
import { useClient } from '../../session/use-client';
import { LimitFields, areLimitsRight, limitsOf, typedLimits } from './limit-fields';

/** Makes a key, and then shows it for the only time. */
export function CreateKeyDialog({ onClose }: { readonly onClose: () => void }) {
  const client = useClient();
  const [name, setName] = useState('');
  const [isAdmin, setIsAdmin] = useState(false);
  const [limits, setLimits] = useState(typedLimits);
  const [made, setMade] = useState<CreatedKey>();
  const create = useAction(
    useCallback(async () => {
      const json = { name: name.trim(), isAdmin, limits: limitsOf(limits) };
      setMade(await ask<CreatedKey>(client, 'POST', '/keys', { json }));
    }, [client, name, isAdmin, limits]),
  );
  if (made !== undefined) return <MadeKey made={made} onClose={onClose} />;
  return (
    <Confirm
      title="New key"
      confirmText="Make it"
      closeText="Not now"
      isBusy={create.isBusy}
      isDisabled={name.trim() === '' || !areLimitsRight(limits)}
      onConfirm={() => void create.run()}
      onClose={onClose}
    >
      <TextField
        label="Name"
        value={name}
        onInput={setName}
        isRequired
        hint="Whom it is for. Names stay taken, those of revoked keys too."
      />
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

const MadeKey = ({ made, onClose }: { readonly made: CreatedKey; readonly onClose: () => void }) => (
  <Dialog
    title={`The key “${made.name}”`}
    onClose={onClose}
    actions={
      <Button kind="primary" onClick={onClose}>
        I have it
      </Button>
    }
  >
    <Note tone="warn">Only its hash is stored: it is shown now and never again.</Note>
    <p class="copyable">
      <code>{made.key}</code>
      <CopyButton text={made.key} label="Copy key" />
    </p>
  </Dialog>
);
