import { useState } from 'preact/hooks';
import { ask } from '../../api/ask';
import type { DeliveryObject, Page } from '../../api/types';
import { useQuery } from '../../data/use-query';
import { Button } from '../../parts/button';
import { CopyAs } from '../../parts/copy-as';
import { PageHeader } from '../../parts/page-header';
import { Pager } from '../../parts/pager';
import { Panel } from '../../parts/panel';
import { Empty, Loaded } from '../../parts/states';
import { useLocation } from '../../routing/use-location';
import { cliOptions, jsObject, pythonArguments } from '../../samples/code-samples';
import { useClient } from '../../session/use-client';
import { DeliveriesTable } from './deliveries-table';
import { DeliveryFilters, isFiltered, useDeliveryFilter } from './delivery-filters';
import type { DeliveryFilter } from './delivery-filters';
import { ReplayManyDialog } from './replay-many-dialog';
import { SecretPanel } from './secret-panel';
import { TestCallDialog } from './test-call-dialog';

const POLL_MS = 5_000;
const PAGE_SIZE = 100;

/** The log of callbacks, the newest first, and what can be done about them. */
export function DeliveriesView() {
  const client = useClient();
  const filter = useDeliveryFilter();
  const { cursor } = useLocation().query;
  const [open, setOpen] = useState<'replay' | 'test'>();
  const asked = { ...filter, limit: PAGE_SIZE, cursor };
  const page = useQuery(
    `deliveries ${JSON.stringify(asked)}`,
    (signal) => ask<Page<DeliveryObject>>(client, 'GET', '/webhooks/deliveries', { query: asked, signal }),
    { pollMs: POLL_MS },
  );
  const close = (): void => {
    setOpen(undefined);
    page.refresh();
  };
  return (
    <>
      <PageHeader
        title="Deliveries"
        actions={
          <>
            <CopyAs example={exampleOf(filter)} />
            <Button icon="deliveries" onClick={() => setOpen('test')}>
              Test call …
            </Button>
            <Button icon="retry" onClick={() => setOpen('replay')}>
              Replay many …
            </Button>
          </>
        }
      >
        Every callback that was made, and what its receiver answered.
      </PageHeader>
      <div class="view-grid">
        <Panel title="Callbacks" isFlush>
          <DeliveryFilters />
          <Loaded query={page} lines={8}>
            {({ items, nextCursor }) => (
              <>
                <DeliveriesTable deliveries={items} empty={<NoDeliveries isFiltered={isFiltered(filter)} />} />
                <Pager nextCursor={nextCursor} />
              </>
            )}
          </Loaded>
        </Panel>
        <SecretPanel />
      </div>
      {open === 'test' && <TestCallDialog onClose={close} />}
      {open === 'replay' && <ReplayManyDialog filter={filter} onClose={close} />}
    </>
  );
}

const NoDeliveries = (props: { readonly isFiltered: boolean }) =>
  props.isFiltered ? (
    <Empty title="No callback is like that." />
  ) : (
    <Empty title="No callbacks yet." icon="deliveries">
      A job or a batch with <code>callback</code> makes one when it ends.
    </Empty>
  );

const exampleOf = (filter: DeliveryFilter) => ({
  path: '/webhooks/deliveries',
  query: filter,
  cli: `deliveries${cliOptions(filter)}`,
  typescript: `for await (const delivery of everfetch.deliveries(${jsObject(filter)})) console.log(delivery.event, delivery.status);`,
  python: `for delivery in everfetch.deliveries(${pythonArguments(filter)}):\n    print(delivery["event"], delivery["status"])`,
});
