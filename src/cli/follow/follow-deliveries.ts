import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery, Everfetch } from '../../client/index';
import type { Patience } from './patience';

export interface FollowDeliveriesOptions {
  /** Filters of the list. */
  readonly filter: Readonly<Record<string, string | undefined>>;
  /** Whether a delivery is told again when it was called or has ended. */
  readonly withChanges: boolean;
  readonly patience: Patience;
  readonly signal: AbortSignal;
  /** @default 1 s */
  readonly everyMs?: number;
  /** Is called once, when everything that is made from now on will be told. */
  readonly onReady?: () => void;
}

/** Deliveries of a transaction appear when it commits, some time after the time that they bear (ms). */
const OVERLAP_MS = 10_000;
/** Most pending deliveries whose calls are looked for, one by one. */
const MAX_LOOKED_AT = 50;

/**
 * Tells the deliveries that are made from now on, by reading the log of the service again and again: so it works behind any firewall.
 * The ids of deliveries sort by the time at which they were made.
 */
export async function* followDeliveries(client: Everfetch, options: FollowDeliveriesOptions): AsyncGenerator<Delivery> {
  const { filter, withChanges, patience, signal, everyMs = 1_000, onReady } = options;
  const told = new Map<string, string>();
  let since: string | undefined;
  for (let isFirst = true; ;) {
    try {
      const listed: Delivery[] = [];
      if (isFirst) {
        for await (const delivery of client.deliveries({ ...filter, limit: 100, signal })) {
          told.set(delivery.id, stateOf(delivery));
          since ??= delivery.createdAt;
          if (told.size === 100) break;
        }
        isFirst = false;
        onReady?.();
      } else {
        const from = since === undefined ? undefined : new Date(Date.parse(since) - OVERLAP_MS).toISOString();
        for await (const delivery of client.deliveries({ ...filter, since: from, limit: 1_000, signal }))
          listed.push(delivery);
        if (withChanges) listed.push(...(await changedOnes(client, told, listed, signal)));
      }
      patience.succeeded();
      for (const delivery of listed.reverse()) {
        const before = told.get(delivery.id);
        const state = stateOf(delivery);
        told.set(delivery.id, state);
        if (since === undefined || delivery.createdAt > since) since = delivery.createdAt;
        if (before === undefined || (withChanges && before !== state)) yield delivery;
      }
      forget(told, since);
      await sleep(everyMs, undefined, { signal });
    } catch (error) {
      await patience.afterError(error);
    }
  }
}

const stateOf = ({ status, attemptCount }: Delivery): string => `${status} ${attemptCount}`;

/** Those that were pending when they were told, and are not in the list any more. */
async function changedOnes(
  client: Everfetch,
  told: ReadonlyMap<string, string>,
  listed: readonly Delivery[],
  signal: AbortSignal,
): Promise<Delivery[]> {
  const seen = new Set(listed.map(({ id }) => id));
  const pending = [...told].filter(([id, state]) => state.startsWith('pending') && !seen.has(id)).slice(-MAX_LOOKED_AT);
  return Promise.all(pending.map(([id]) => client.delivery(id, { signal })));
}

const MAX_TOLD = 20_000;

/** Ended deliveries that are older than the overlap are not listed again; of the others the newest are kept. */
function forget(told: Map<string, string>, since: string | undefined): void {
  const before = since === undefined ? '' : idPrefixAt(Date.parse(since) - OVERLAP_MS);
  for (const [id, state] of told)
    if (told.size > MAX_TOLD || (id < before && !state.startsWith('pending'))) told.delete(id);
}

/** The beginning of the ids that are made at this time (UUIDv7: milliseconds in 48 bits). */
function idPrefixAt(ms: number): string {
  const time = Math.max(ms, 0).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}`;
}
