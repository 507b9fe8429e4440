import { findRunningPostgres } from '../../service/with-database';
import { readPostgresFacts } from '../../store/postgres-facts';
import { askService } from './ask-service';
import { fail, ok, warn } from './finding';
import type { Finding } from './finding';
import type { Place } from './place';

const check = 'clock';
/** A header `Date` is exact to a second. */
const NOTICED_MS = 2_000;
/** Signatures of callbacks count for five minutes, and certificates of TLS by the day. */
const HARMFUL_MS = 60_000;

/** Compares this clock with those of PostgreSQL and of the service. Either may be on this machine, and then has the same one. */
export async function checkClock({ config, service }: Place): Promise<readonly Finding[]> {
  const database = config && (config.postgres.url ?? findRunningPostgres(config.dataDir));
  const clocks = [
    {
      name: 'PostgreSQL',
      aheadMs: database && (await aheadOf(async () => (await readPostgresFacts(database)).clockAheadMs)),
    },
    {
      name: 'the service',
      aheadMs: await aheadOf(async () => (await askService(service.url, '/healthz')).clockAheadMs),
    },
  ];
  const known = clocks.flatMap(({ name, aheadMs }) => (typeof aheadMs === 'number' ? [{ name, aheadMs }] : []));
  if (known.length === 0)
    return [
      warn(
        check,
        'neither PostgreSQL nor the service tells its time, so this clock is compared with none',
        'see above',
      ),
    ];
  return known.map(({ name, aheadMs }) => judged(name, aheadMs));
}

/** What cannot be asked is reported by its own check. */
const aheadOf = (ask: () => Promise<number | undefined>): Promise<number | undefined> => ask().catch(() => undefined);

function judged(name: string, aheadMs: number): Finding {
  const differenceMs = Math.abs(aheadMs);
  if (differenceMs < NOTICED_MS) return ok(check, `this clock and that of ${name} agree`);
  const message = `the clock of ${name} is ${Math.round(differenceMs / 1_000)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} this one`;
  const mend = 'have both machines set their clocks by NTP (timedatectl set-ntp true)';
  return differenceMs < HARMFUL_MS ? warn(check, message, mend) : fail(check, message, mend);
}
