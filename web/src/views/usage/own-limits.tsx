import { useQuery } from '../../data/use-query';
import { count } from '../../format/numbers';
import { Panel, Stat, Stats } from '../../parts/panel';
import { Loaded } from '../../parts/states';
import { When } from '../../parts/when';
import { useClient } from '../../session/use-client';

const POLL_MS = 10_000;
/** What `GET /account` says of a key without a limit, because clients of the compatible API compute with a number. */
const UNLIMITED = 1_000_000_000;

/** The limits of the key that is signed in, and how much of them is taken. */
export function OwnLimits() {
  const client = useClient();
  const query = useQuery('account', (signal) => client.account({ signal }), {
    pollMs: POLL_MS,
  });
  return (
    <Panel title="This key">
      <Loaded query={query} lines={3}>
        {(account) => (
          <Stats>
            <Stat
              label="Credits left"
              value={account.requestLimit >= UNLIMITED ? 'no limit' : count(account.creditsLeft)}
              hint={account.requestLimit >= UNLIMITED ? undefined : `of ${count(account.requestLimit)}`}
            />
            <Stat label="URLs that have not ended" value={count(account.concurrentRequests)} />
            <Stat label="Fetches at a time" value={count(account.concurrencyLimit)} hint="at most" />
            <Stat label="Submissions per second" value={count(account.burst)} hint="at most" />
            <Stat
              label="URLs that have ended"
              value={count(account.requestCount)}
              hint={`${count(account.failedRequestCount)} of them failed`}
            />
            <Stat label="Made" value={<When at={account.subscriptionDate} />} />
          </Stats>
        )}
      </Loaded>
    </Panel>
  );
}
