import { useQuery } from '../../data/use-query';
import { hrefOf } from '../../routing/location';
import { StatusChip } from '../../parts/chip';
import { Panel } from '../../parts/panel';
import { Empty, Loaded } from '../../parts/states';
import { When } from '../../parts/when';
import { useClient } from '../../session/use-client';
import { lastErrorText } from '../receivers/last-error-text';

const SHOWN = 6;

/** Receivers of callbacks that do not answer or refuse. `count` is what the overview says, so that nothing is asked without need. */
export function ReceiversInTrouble({ count }: { readonly count: number | undefined }) {
  return (
    <Panel title="Receivers in trouble" lead="Callbacks that are waiting for their receiver">
      {count === undefined || count === 0 ? (
        <Empty title={count === undefined ? '…' : 'All receivers answer'} icon="check" />
      ) : (
        <TroubledReceivers count={count} />
      )}
    </Panel>
  );
}

function TroubledReceivers({ count }: { readonly count: number }) {
  const client = useClient();
  const query = useQuery(`troubled receivers ${count}`, (signal) => client.receivers({ signal }).page());
  return (
    <Loaded query={query}>
      {({ items }) => {
        const troubled = items.filter(({ health, troubledUrls }) => health !== 'healthy' || troubledUrls > 0);
        return (
          <ul class="plain-list">
            {troubled.slice(0, SHOWN).map(({ id, origin, health, pending, failingSince, lastError }) => (
              <li key={id}>
                <span class="line">
                  <a href={hrefOf(['receivers', id])}>{origin}</a>
                  <StatusChip status={health} />
                </span>
                <span class="muted small">
                  {pending} waiting
                  {failingSince !== undefined && (
                    <>
                      , failing since <When at={failingSince} />
                    </>
                  )}
                  {lastError !== undefined && `: ${lastErrorText(lastError)}`}
                </span>
              </li>
            ))}
            {count > SHOWN && (
              <li>
                <a href="#/receivers">All {count} receivers in trouble</a>
              </li>
            )}
          </ul>
        );
      }}
    </Loaded>
  );
}
