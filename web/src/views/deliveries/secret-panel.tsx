import { useCallback, useState } from 'preact/hooks';
import { useAction } from '../../data/use-action';
import { useQuery } from '../../data/use-query';
import { Button } from '../../parts/button';
import { CopyAs } from '../../parts/copy-as';
import { CopyButton } from '../../parts/copy-button';
import { Confirm } from '../../parts/dialog';
import { Panel } from '../../parts/panel';
import { Loaded, Note } from '../../parts/states';
import { toast } from '../../parts/toast';
import { When } from '../../parts/when';
import { useClient } from '../../session/use-client';

/** The secret that callbacks are signed with. It is asked for only when somebody wants to see it. */
export function SecretPanel() {
  const client = useClient();
  const [isShown, setIsShown] = useState(false);
  const [isRotating, setIsRotating] = useState(false);
  const rotate = useAction(
    useCallback(async () => {
      await client.rotateWebhookSecret();
      toast({ tone: 'good', text: 'There is a new secret.' });
      setIsRotating(false);
      setIsShown(true);
    }, [client]),
  );
  return (
    <Panel
      title="Signing secret"
      lead="Receivers check with it that a callback comes from here (Standard Webhooks)."
      actions={
        <>
          <CopyAs example={example} />
          <Button onClick={() => setIsShown(!isShown)}>{isShown ? 'Hide' : 'Show'}</Button>
          <Button icon="retry" onClick={() => setIsRotating(true)}>
            Rotate …
          </Button>
        </>
      }
    >
      {isShown && !rotate.isBusy && <Secret />}
      {isRotating && (
        <Confirm
          title="Make a new signing secret?"
          confirmText="Make a new one"
          isDangerous
          isBusy={rotate.isBusy}
          onConfirm={() => void rotate.run()}
          onClose={() => setIsRotating(false)}
        >
          <p>
            For a while callbacks carry a signature of each secret, the new one and the one before. Receivers have to
            know the new one by then: afterwards those that do not will refuse every callback.
          </p>
          <p>A secret before the last one stops at once.</p>
        </Confirm>
      )}
    </Panel>
  );
}

function Secret() {
  const client = useClient();
  const query = useQuery('webhook secret', (signal) => client.webhookSecret({ signal }));
  return (
    <Loaded query={query} lines={1}>
      {({ secret, previousValidUntil }) => (
        <>
          <p class="copyable">
            <code>{secret}</code>
            <CopyButton text={secret} label="Copy secret" isIconOnly />
          </p>
          {previousValidUntil !== undefined && (
            <Note tone="info">
              The secret before it is still used beside it, <When at={previousValidUntil} /> no more.
            </Note>
          )}
        </>
      )}
    </Loaded>
  );
}

const example = {
  method: 'POST',
  path: '/webhooks/secret/rotate',
  cli: 'keys secret NAME --rotate',
  typescript: 'const { secret, previousValidUntil } = await everfetch.rotateWebhookSecret();',
  python: 'rotated = everfetch.rotate_webhook_secret()\nprint(rotated["secret"])',
} as const;
