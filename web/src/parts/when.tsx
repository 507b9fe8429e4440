import { useNow } from '../data/use-now';
import { countdown, relative, stamp } from '../format/times';

/** A time as people say it; the exact one shows on hovering, and is what readers of screens can get at. */
export function When({ at }: { readonly at: string | undefined }) {
  const now = useNow(5_000);
  if (at === undefined) return <span class="none">–</span>;
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={stamp(ms)}>
      {relative(ms, now)}
    </time>
  );
}

/** Counts down to a time, and says `due` afterwards. */
export function Countdown({ to }: { readonly to: string }) {
  const now = useNow();
  const ms = Date.parse(to);
  return (
    <time class="countdown" dateTime={to} title={stamp(ms)}>
      {ms <= now ? 'due' : countdown(ms - now)}
    </time>
  );
}
