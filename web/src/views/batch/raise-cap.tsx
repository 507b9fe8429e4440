import { useCallback, useState } from 'preact/hooks';
import type { BatchObject } from '../../api/types';
import { useAction } from '../../data/use-action';
import { count } from '../../format/numbers';
import { Button } from '../../parts/button';
import { Confirm } from '../../parts/dialog';
import { TextField } from '../../parts/field';
import { useClient } from '../../session/use-client';

export interface RaiseCapProps {
  readonly batch: BatchObject;
  readonly onChange: () => void;
}

/** Raises the cap of a batch that it has paused at, and lets it go on. */
export function RaiseCap({ batch, onChange }: RaiseCapProps) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setIsOpen(true)}>Raise the cap …</Button>
      {isOpen && <RaiseCapDialog batch={batch} onChange={onChange} onClose={() => setIsOpen(false)} />}
    </>
  );
}

function RaiseCapDialog({ batch, onChange, onClose }: RaiseCapProps & { readonly onClose: () => void }) {
  const client = useClient();
  const { id, credits, maxCredits = credits, counts } = batch;
  const [typed, setTyped] = useState(String(maxCredits * 2));
  const cap = Number(typed);
  const isValid = Number.isSafeInteger(cap) && cap > maxCredits;
  const raise = useCallback(async () => {
    await client.updateBatch(id, { maxCredits: cap });
    await client.resume(id);
  }, [client, id, cap]);
  const { isBusy, run } = useAction(raise);
  const confirm = async (): Promise<void> => {
    if (!(await run())) return;
    onClose();
    onChange();
  };
  return (
    <Confirm
      title="Raise the cap and go on"
      confirmText="Raise and resume"
      isBusy={isBusy}
      isDisabled={!isValid}
      onConfirm={() => void confirm()}
      onClose={onClose}
    >
      <p>
        It has spent {count(credits)} of {count(maxCredits)} credits, and {count(counts.queued + counts.running)} URLs
        are left.
      </p>
      <TextField
        label="Credits that it may cost at most"
        type="number"
        min={maxCredits + 1}
        value={typed}
        onInput={setTyped}
        error={isValid ? undefined : `More than ${count(maxCredits)}, a whole number.`}
      />
    </Confirm>
  );
}
