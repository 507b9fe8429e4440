import { useQuery } from '../../data/use-query';
import { Panel } from '../../parts/panel';
import { Loaded } from '../../parts/states';
import { useClient } from '../../session/use-client';
import { DeliveriesTable } from '../deliveries/deliveries-table';

const POLL_MS = 5_000;
const MAX_SHOWN = 20;

/** The callbacks that tell of a job. A job without any has no such panel. */
export function JobDeliveries({ jobId }: { readonly jobId: string }) {
  const client = useClient();
  const query = useQuery(
    `deliveries of ${jobId}`,
    (signal) => client.deliveries({ job: jobId, limit: MAX_SHOWN, signal }).page(),
    { pollMs: POLL_MS },
  );
  if (query.data?.items.length === 0) return null;
  return (
    <Panel title="Callbacks" isFlush>
      <Loaded query={query} lines={2}>
        {({ items }) => <DeliveriesTable deliveries={items} empty={null} same="subject" onReplay={query.refresh} />}
      </Loaded>
    </Panel>
  );
}
