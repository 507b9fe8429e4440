import { createStore } from './store';

/** What is known about the way to the service. */
export type Connection =
  | { readonly kind: 'up' }
  /** Requests fail, and are made again by themselves. */
  | { readonly kind: 'lost'; readonly since: number; readonly message: string };

export const connection = createStore<Connection>({ kind: 'up' });

/** Notes that the service has answered. */
export function noteAnswer(): void {
  if (connection.get().kind !== 'up') connection.set({ kind: 'up' });
}

/** Notes that the service could not be reached, or that it cannot answer right now. */
export function noteLoss(message: string): void {
  const before = connection.get();
  connection.set({ kind: 'lost', since: before.kind === 'lost' ? before.since : Date.now(), message });
}

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 15_000;

/** Time until the next attempt after `failures` failed ones in a row (ms). */
export const retryDelayMs = (failures: number): number =>
  Math.min(FIRST_RETRY_MS * 2 ** Math.max(0, failures - 1), LAST_RETRY_MS);
