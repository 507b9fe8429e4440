import { useCallback, useState } from 'preact/hooks';
import { ask } from '../../api/ask';
import { useAction } from '../../data/use-action';
import { counted } from '../../format/numbers';
import { Confirm } from '../../parts/dialog';
import { SelectField, TextField } from '../../parts/field';
import { toast } from '../../parts/toast';
import { useClient } from '../../session/use-client';
import type { DeliveryFilter } from './delivery-filters';
import { localNow, rfc3339 } from './local-time';

const choices = [
  { value: 'failed,stopped', text: 'Failed and stopped' },
  { value: 'failed', text: 'Failed' },
  { value: 'stopped', text: 'Stopped' },
  { value: 'delivered', text: 'Delivered' },
  { value: 'failed,stopped,delivered', text: 'Everything that has ended' },
];

const HOUR_MS = 3_600_000;

export interface ReplayManyProps {
  /** What the log shows; `endpoint`, `since` and `until` hold here as well. */
  readonly filter: DeliveryFilter;
  readonly onClose: () => void;
}

/** Has every callback since a time made once more, of one receiver or of all. */
export function ReplayManyDialog({ filter, onClose }: ReplayManyProps) {
  const client = useClient();
  const [since, setSince] = useState(() => localNow(-HOUR_MS, filter.since));
  const [status, setStatus] = useState(choices[0]?.value ?? '');
  const [endpoint, setEndpoint] = useState(filter.endpoint ?? '');
  const from = rfc3339(since);
  const replay = useAction(
    useCallback(async () => {
      const { replayed } = await ask<{ readonly replayed: number }>(client, 'POST', '/webhooks/replay', {
        json: {
          since: from,
          status: status.split(','),
          ...(filter.until !== undefined && { until: filter.until }),
          ...(endpoint.trim() !== '' && { endpoint: endpoint.trim() }),
        },
      });
      toast({ tone: 'good', text: `${counted(replayed, 'callback')} will be made again.` });
      onClose();
    }, [client, from, status, endpoint, filter.until, onClose]),
  );
  return (
    <Confirm
      title="Replay everything since …"
      confirmText="Replay"
      closeText="Not now"
      isBusy={replay.isBusy}
      isDisabled={from === undefined}
      onConfirm={() => void replay.run()}
      onClose={onClose}
    >
      <TextField label="Made since (your time)" type="datetime-local" value={since} onInput={setSince} isRequired />
      <SelectField label="Those that have" value={status} onChange={setStatus} options={choices} />
      <TextField
        label="Receiver"
        type="url"
        value={endpoint}
        onInput={setEndpoint}
        placeholder="https://you.example"
        hint="Any of its URLs. Empty: all receivers."
      />
      <p class="hint">
        A callback keeps its <code>webhook-id</code>, so receivers that keep track of ids notice that they know it.
      </p>
    </Confirm>
  );
}
