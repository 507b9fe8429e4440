import { useState } from 'preact/hooks';
import { hasCode } from '../../api/errors';
import type { Receiver, ReceiverUrl } from '../../api/types';
import { useQuery } from '../../data/use-query';
import { count, counted } from '../../format/numbers';
import { Button, LinkButton } from '../../parts/button';
import { Chip, StatusChip } from '../../parts/chip';
import { CopyAs } from '../../parts/copy-as';
import { DataTable } from '../../parts/data-table';
import type { Column } from '../../parts/data-table';
import { PageHeader } from '../../parts/page-header';
import { Facts, Panel } from '../../parts/panel';
import { Empty, Loaded, Note } from '../../parts/states';
import { Countdown, When } from '../../parts/when';
import { hrefOf } from '../../routing/location';
import { literal, shellWord } from '../../samples/code-samples';
import { useClient } from '../../session/use-client';
import { DeliveriesTable } from '../deliveries/deliveries-table';
import { ReplayManyDialog } from '../deliveries/replay-many-dialog';
import { TestCallDialog } from '../deliveries/test-call-dialog';
import { lastErrorText } from './last-error-text';

const POLL_MS = 5_000;
const MAX_SHOWN = 20;
const crumbs = [{ text: 'Receivers', href: hrefOf(['receivers']) }];

/** One receiver: how it does, what waits for it, and how to have callbacks made again. */
export function ReceiverView({ id }: { readonly id: string }) {
  const client = useClient();
  const [open, setOpen] = useState<'replay' | 'test'>();
  const query = useQuery(`receiver ${id}`, (signal) => client.receiver(id, { signal }), { pollMs: POLL_MS });
  const { data: receiver, error, refresh } = query;
  const close = (): void => {
    setOpen(undefined);
    refresh();
  };
  if (hasCode(error, 'not_found'))
    return (
      <>
        <PageHeader title="There is no such receiver" crumbs={crumbs} />
        <Empty title="A receiver is forgotten with the last of its callbacks." icon="receivers" />
      </>
    );
  return (
    <>
      <PageHeader
        title={receiver?.origin ?? 'Receiver'}
        crumbs={crumbs}
        aside={
          receiver !== undefined && (
            <>
              <StatusChip status={receiver.health} />
              {receiver.troubledUrls > 0 && <Chip tone="warn">{counted(receiver.troubledUrls, 'URL')} in trouble</Chip>}
            </>
          )
        }
        actions={
          receiver !== undefined && (
            <>
              <CopyAs example={exampleOf(receiver.origin)} />
              <Button icon="deliveries" onClick={() => setOpen('test')}>
                Test call …
              </Button>
              <Button icon="retry" onClick={() => setOpen('replay')}>
                Replay since …
              </Button>
            </>
          )
        }
      />
      <Loaded query={query} lines={6}>
        {(loaded) => <ReceiverDetails receiver={loaded} />}
      </Loaded>
      {open === 'test' && <TestCallDialog url={`${receiver?.origin ?? ''}/`} onClose={close} />}
      {open === 'replay' && <ReplayManyDialog filter={{ endpoint: receiver?.origin }} onClose={close} />}
    </>
  );
}

function ReceiverDetails({ receiver }: { readonly receiver: Receiver }) {
  const { health, pending, failingSince, nextCallAt, lastError, urls = [] } = receiver;
  return (
    <div class="view-grid">
      {health === 'probing' && nextCallAt !== undefined && (
        <Note tone="warn">
          <p>
            <strong>
              Next call in <Countdown to={nextCallAt} />
            </strong>
          </p>
          <p>Many calls failed, so it gets one at a time. When one is taken, all that wait go out.</p>
        </Note>
      )}
      <Panel title="Receiver">
        <Facts
          facts={[
            ['Waiting callbacks', count(pending)],
            ['Failing since', failingSince && <When at={failingSince} />],
            ['Last error', lastError && `${lastErrorText(lastError)}`],
            ['At', lastError && <When at={lastError.at} />],
          ]}
        />
      </Panel>
      {urls.length > 0 && (
        <Panel title="URLs in trouble" lead="The others of this receiver are called as usual." isFlush>
          <DataTable
            caption="URLs in trouble"
            columns={urlColumns}
            rows={urls}
            rowKey={({ url, health: state }) => `${state} ${url}`}
            empty={null}
          />
        </Panel>
      )}
      <ReceiverDeliveries origin={receiver.origin} />
    </div>
  );
}

const urlColumns: readonly Column<ReceiverUrl>[] = [
  { id: 'url', head: 'URL', isWide: true, isUnlabelled: true, cell: ({ url }) => <code>{url}</code> },
  {
    id: 'health',
    head: 'State',
    cell: ({ health }) =>
      health === 'stopped' ? <Chip tone="bad">stopped: answered 410</Chip> : <Chip tone="warn">refusing</Chip>,
  },
  { id: 'since', head: 'Since', cell: ({ since }) => <When at={since} /> },
  {
    id: 'next',
    head: 'Next call',
    cell: ({ nextCallAt }) => (nextCallAt === undefined ? 'only with a replay' : <Countdown to={nextCallAt} />),
  },
];

function ReceiverDeliveries({ origin }: { readonly origin: string }) {
  const client = useClient();
  const query = useQuery(
    `deliveries to ${origin}`,
    (signal) => client.deliveries({ endpoint: origin, limit: MAX_SHOWN, signal }).page(),
    { pollMs: POLL_MS },
  );
  return (
    <Panel
      title="Its last callbacks"
      isFlush
      actions={
        <LinkButton href={hrefOf(['deliveries'], { endpoint: origin })} kind="quiet" icon="next">
          All of them
        </LinkButton>
      }
    >
      <Loaded query={query}>
        {({ items }) => (
          <DeliveriesTable
            deliveries={items}
            empty={<Empty title="There are none any more." />}
            same="url"
            onReplay={query.refresh}
          />
        )}
      </Loaded>
    </Panel>
  );
}

/** Replays what failed in the last day, which is what people want of a receiver that was away. */
function exampleOf(origin: string) {
  const since = new Date(Date.now() - 24 * 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z');
  return {
    method: 'POST',
    path: '/webhooks/replay',
    json: { since, endpoint: origin },
    cli: `replay --since ${since} --endpoint ${shellWord(origin)}`,
    typescript: `const { replayed } = await everfetch.replayMany({ since: ${literal(since)}, endpoint: ${literal(origin)} });`,
    python: `replayed = everfetch.replay_many(since=${literal(since)}, endpoint=${literal(origin)})`,
  } as const;
}
