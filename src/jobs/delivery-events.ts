/** What a callback tells. Each is the name of the thing and of the state it has reached. */
export type DeliveryEvent =
  'job.finished' | 'job.failed' | 'job.cancelled' | 'batch.finished' | 'batch.cancelled' | 'test';

/** `pending`: will be called (again). `failed`: given up. `stopped`: its URL has answered 410. */
export type DeliveryStatus = 'pending' | 'delivered' | 'failed' | 'stopped';
