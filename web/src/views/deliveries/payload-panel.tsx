import { ask } from '../../api/ask';
import type { DeliveryObject } from '../../api/types';
import { useQuery } from '../../data/use-query';
import { Facts, Panel } from '../../parts/panel';
import { Loaded } from '../../parts/states';
import { useClient } from '../../session/use-client';

/**
 * What a callback carries. It is not stored, but made from its job or batch at each call, so it is shown as the next call would have it,
 * without the page.
 */
export function PayloadPanel({ delivery }: { readonly delivery: DeliveryObject }) {
  const { id, jobId, batchId } = delivery;
  const path = jobId !== undefined ? `/jobs/${jobId}` : batchId !== undefined ? `/batches/${batchId}` : undefined;
  return (
    <Panel title="Payload" lead="As a call would carry it now, without the page.">
      <div class="stack">
        <Facts
          facts={[
            ['webhook-id', <code>{id}</code>],
            ['webhook-timestamp', 'the second of the call'],
            ['webhook-signature', 'v1 signature of id, timestamp and body'],
            ['content-type', <code>application/json</code>],
          ]}
        />
        {path !== undefined && <Payload path={path} isJob={jobId !== undefined} />}
      </div>
    </Panel>
  );
}

function Payload({ path, isJob }: { readonly path: string; readonly isJob: boolean }) {
  const client = useClient();
  const query = useQuery(`payload ${path}`, (signal) =>
    ask<unknown>(client, 'GET', path, { ...(isJob && { query: { response: 'false' } }), signal }),
  );
  return (
    <Loaded query={query}>
      {(payload) => (
        <pre class="code" tabIndex={0} aria-label="Payload">
          {JSON.stringify(payload, null, 2)}
        </pre>
      )}
    </Loaded>
  );
}
