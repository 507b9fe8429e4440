import { useEffect, useState } from 'preact/hooks';
import { hasCode } from '../../api/errors';
import type { DeliveryObject } from '../../api/types';
import { useQuery } from '../../data/use-query';
import { originOf } from '../../format/hosts';
import { count } from '../../format/numbers';
import { StatusChip } from '../../parts/chip';
import { CopyAs } from '../../parts/copy-as';
import { CopyableId } from '../../parts/copy-button';
import { PageHeader } from '../../parts/page-header';
import { Facts, Panel } from '../../parts/panel';
import { Empty, Loaded } from '../../parts/states';
import { Countdown, When } from '../../parts/when';
import { hrefOf } from '../../routing/location';
import { useClient } from '../../session/use-client';
import { CallsTimeline } from './calls-timeline';
import { SubjectLink } from './deliveries-table';
import { PayloadPanel } from './payload-panel';
import { ReplayButton } from './replay-button';

const POLL_MS = 10_000;
/** Somebody who had it made again wants to see what comes of it. */
const PENDING_POLL_MS = 1_000;
const crumbs = [{ text: 'Deliveries', href: hrefOf(['deliveries']) }];

/** One callback: what it told, every call, and how to have it made again. */
export function DeliveryView({ id }: { readonly id: string }) {
  const client = useClient();
  const [isPending, setIsPending] = useState(false);
  const query = useQuery(`delivery ${id}`, (signal) => client.delivery(id, { signal }), {
    pollMs: isPending ? PENDING_POLL_MS : POLL_MS,
  });
  const { data: delivery, error, refresh } = query;
  const status = delivery?.status;
  useEffect(() => setIsPending(status === 'pending'), [status]);
  if (hasCode(error, 'not_found'))
    return (
      <>
        <PageHeader title="There is no such delivery" crumbs={crumbs} />
        <Empty title="Deliveries are removed with what they told of." />
      </>
    );
  return (
    <>
      <PageHeader
        title={delivery?.event ?? 'Delivery'}
        crumbs={crumbs}
        aside={delivery !== undefined && <StatusChip status={delivery.status} />}
        actions={
          <>
            <CopyAs example={exampleOf(id)} />
            {delivery !== undefined && <ReplayButton delivery={delivery} onReplay={refresh} />}
          </>
        }
      >
        <CopyableId id={id} />
      </PageHeader>
      <Loaded query={query} lines={6}>
        {(loaded) => (
          <div class="view-grid">
            <Panel title="Delivery">
              <DeliveryFacts delivery={loaded} />
            </Panel>
            <Panel title="Calls" lead="The last 100, the oldest first.">
              <CallsTimeline delivery={loaded} />
            </Panel>
            <PayloadPanel delivery={loaded} />
          </div>
        )}
      </Loaded>
    </>
  );
}

function DeliveryFacts({ delivery }: { readonly delivery: DeliveryObject }) {
  const { url, nextAttemptAt, createdAt, endedAt, attemptCount } = delivery;
  const origin = originOf(url);
  return (
    <Facts
      facts={[
        ['URL', <code>{url}</code>],
        ['Receiver', origin && <a href={hrefOf(['deliveries'], { endpoint: origin })}>All of {origin}</a>],
        ['About', <SubjectLink delivery={delivery} />],
        ['Next call', nextAttemptAt && <Countdown to={nextAttemptAt} />],
        ['Calls', count(attemptCount)],
        ['Made', <When at={createdAt} />],
        ['Ended', endedAt && <When at={endedAt} />],
      ]}
    />
  );
}

const exampleOf = (id: string) =>
  ({
    method: 'POST',
    path: `/webhooks/deliveries/${id}/replay`,
    cli: `replay ${id}`,
    typescript: `await everfetch.replay('${id}');`,
    python: `everfetch.replay("${id}")`,
  }) as const;
