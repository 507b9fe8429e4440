/** `failing`: its last call failed. `probing`: many did, so it gets one call at a time, after growing pauses. */
export type ReceiverState = 'healthy' | 'failing' | 'probing';

/** `refusing`: left alone for a while, because it refuses call after call. `stopped`: it has answered 410. */
export type ReceiverUrlState = 'refusing' | 'stopped';

/** A callback URL that is not called like the others of its receiver. */
export interface ReceiverUrlRecord {
  /** The URL as it was given; one that refuses, without its query. */
  readonly url: string;
  readonly state: ReceiverUrlState;
  readonly since: Date;
  readonly nextCallAt?: Date;
}

/** A receiver of callbacks as it is stored. */
export interface ReceiverRecord {
  readonly id: string;
  readonly origin: string;
  readonly state: ReceiverState;
  /** Deliveries that wait for a call, as far as they were counted. */
  readonly pending: number;
  readonly failingSince?: Date;
  readonly nextCallAt?: Date;
  readonly lastError?: { readonly at: Date; readonly statusCode?: number; readonly error?: string };
  /** Number of its URLs in trouble. */
  readonly troubledUrls: number;
}

/** The receiver as the HTTP API shows it. @param urls its URLs in trouble; undefined in lists */
export function receiverObject(receiver: ReceiverRecord, urls?: readonly ReceiverUrlRecord[]): Record<string, unknown> {
  const { id, origin, state, pending, failingSince, nextCallAt, lastError, troubledUrls } = receiver;
  return {
    id,
    origin,
    health: state,
    pending,
    ...(failingSince !== undefined && { failingSince: failingSince.toISOString() }),
    ...(nextCallAt !== undefined && { nextCallAt: nextCallAt.toISOString() }),
    ...(lastError !== undefined && { lastError: { ...lastError, at: lastError.at.toISOString() } }),
    troubledUrls,
    ...(urls !== undefined && { urls: urls.map(urlObject) }),
  };
}

const urlObject = ({ url, state, since, nextCallAt }: ReceiverUrlRecord): Record<string, unknown> => ({
  url,
  health: state,
  since: since.toISOString(),
  ...(nextCallAt !== undefined && { nextCallAt: nextCallAt.toISOString() }),
});
