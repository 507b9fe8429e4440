/** Names of what views show. The objects are those of the client, whose types are made from docs/openapi.json. */
import type {
  AnyJob,
  Batch,
  ChangeKeyBody,
  DeliveryPage,
  Overview,
  ReceiverPage,
  Receiver as WholeReceiver,
  UsageHours,
} from '../../../src/client';

export type { Account, CreatedKey, Overview, Page, WebhookSecret } from '../../../src/client';
export type { AnyJob as JobObject, BatchObject, Host as HostObject, Key as KeyObject } from '../../../src/client';

export type BatchCounts = Batch['counts'];
export type EndedInMinute = NonNullable<Batch['throughput']>[number];
export type JobStatus = AnyJob['status'];
export type LastFailure = NonNullable<AnyJob['lastFailure']>;
/** An attempt of a job. */
export type TriedAttempt = NonNullable<AnyJob['tried']>[number];
export type WorkerObject = Overview['workers'][number];
export type KeyLimits = NonNullable<ChangeKeyBody['limits']>;
export type UsageHour = UsageHours['items'][number];
export type DeliveryObject = DeliveryPage['items'][number];
export type DeliveryAttempt = DeliveryObject['attempts'][number];
export type ReceiverUrl = WholeReceiver['urls'][number];
/** A receiver, in a list without its URLs. */
export type Receiver = ReceiverPage['items'][number] & Partial<Pick<WholeReceiver, 'urls'>>;
