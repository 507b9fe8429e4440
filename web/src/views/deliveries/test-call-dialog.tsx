import { useCallback, useState } from 'preact/hooks';
import { useAction } from '../../data/use-action';
import { Confirm } from '../../parts/dialog';
import { TextField } from '../../parts/field';
import { hrefOf } from '../../routing/location';
import { navigate } from '../../routing/use-location';
import { useClient } from '../../session/use-client';

export interface TestCallProps {
  /** @default empty */
  readonly url?: string;
  readonly onClose: () => void;
}

/** Calls a URL once with a signed callback of the event `test`, and goes to what came of it. */
export function TestCallDialog({ url: initialUrl = '', onClose }: TestCallProps) {
  const client = useClient();
  const [url, setUrl] = useState(initialUrl);
  const call = useAction(
    useCallback(async () => {
      const { id } = await client.testWebhook(url.trim());
      onClose();
      navigate(hrefOf(['deliveries', id]));
    }, [client, url, onClose]),
  );
  return (
    <Confirm
      title="Make a test call"
      confirmText="Call it"
      closeText="Not now"
      isBusy={call.isBusy}
      isDisabled={url.trim() === ''}
      onConfirm={() => void call.run()}
      onClose={onClose}
    >
      <TextField
        label="URL of the receiver"
        type="url"
        value={url}
        onInput={setUrl}
        placeholder="https://you.example/hook"
        isRequired
        hint="It is called once, signed like every callback, with the event test."
      />
    </Confirm>
  );
}
