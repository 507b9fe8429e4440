import { connection } from '../data/connection';
import { useStore } from '../data/store';
import { useNow } from '../data/use-now';
import { rough } from '../format/times';
import { Icon } from './icon';

/** Says that the service is away, for as long as it is. What is on the page stays, and goes on by itself. */
export function ConnectionBanner() {
  const state = useStore(connection);
  return (
    <div role="alert" aria-live="assertive">
      {state.kind === 'lost' && (
        <div class="banner">
          <Icon name="warning" />
          <span>Connection lost, retrying.</span>
          <LostFor since={state.since} />
        </div>
      )}
    </div>
  );
}

function LostFor({ since }: { readonly since: number }) {
  const lostMs = useNow() - since;
  return (
    <span class="banner-detail" aria-hidden="true">
      {lostMs < 2_000 ? '' : `What you see is from ${rough(lostMs)} ago.`}
    </span>
  );
}
