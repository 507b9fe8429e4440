/** The objects of the HTTP API that tell of callbacks. docs/openapi.json describes them. */
export interface DeliveryAttempt {
  readonly at: string;
  readonly statusCode?: number;
  readonly error?: string;
  readonly durationMs: number;
  /** The beginning of the answer. */
  readonly answer?: string;
}

export const deliveryStatuses = ['pending', 'delivered', 'failed', 'stopped'] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

export interface DeliveryObject {
  readonly id: string;
  readonly jobId?: string;
  readonly batchId?: string;
  readonly event: string;
  readonly url: string;
  readonly status: DeliveryStatus;
  readonly nextAttemptAt?: string;
  readonly createdAt: string;
  readonly endedAt?: string;
  readonly attemptCount: number;
  readonly attempts: readonly DeliveryAttempt[];
}

/** All callback URLs of one origin. */
export interface Receiver {
  readonly id: string;
  readonly origin: string;
  readonly health: 'healthy' | 'failing' | 'probing';
  readonly pending: number;
  readonly failingSince?: string;
  readonly nextCallAt?: string;
  readonly lastError?: { readonly at: string; readonly statusCode?: number; readonly error?: string };
  readonly troubledUrls: number;
  /** Only where one receiver is asked for. */
  readonly urls?: readonly ReceiverUrl[];
}

export interface ReceiverUrl {
  readonly url: string;
  readonly health: 'refusing' | 'stopped';
  readonly since: string;
  readonly nextCallAt?: string;
}

export interface WebhookSecret {
  readonly secret: string;
  readonly previousValidUntil?: string;
}
