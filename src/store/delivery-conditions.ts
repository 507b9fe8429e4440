import type { DeliveryStatus } from '../jobs/delivery-object';

/** Which deliveries of a key are meant. */
export interface DeliverySelection {
  /** The receiver, by its origin. */
  readonly origin?: string | undefined;
  readonly statuses?: readonly DeliveryStatus[] | undefined;
  readonly since?: Date | undefined;
  /** Exclusive. */
  readonly until?: Date | undefined;
}

/** Takes a parameter of a statement and returns its name there. */
export type AddParameter = (value: unknown) => string;

export function parameters(): { readonly values: unknown[]; readonly add: AddParameter } {
  const values: unknown[] = [];
  return { values, add: (value) => `$${values.push(value)}` };
}

/** The least id of that millisecond: ids begin with their time, so the order of ids serves ranges of time. */
export function firstIdAt(time: Date): string {
  const hex = Math.max(time.getTime(), 0).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/**
 * Of the key's receivers `e`.
 * @returns SQL
 */
export function endpointConditions(apiKeyId: string, { origin }: DeliverySelection, add: AddParameter): string {
  return `e.api_key_id = ${add(apiKeyId)}${origin === undefined ? '' : ` and e.origin = ${add(origin)}`}`;
}

/**
 * Of deliveries `d`. Statuses stand there as they are, because an index of some of them serves no parameter.
 * @returns SQL that begins with `and`, or nothing
 */
export function deliveryConditions({ statuses, since, until }: DeliverySelection, add: AddParameter): string {
  return [
    ...(statuses === undefined ? [] : [`d.status in (${statuses.map((status) => `'${status}'`).join(', ')})`]),
    ...(since === undefined ? [] : [`d.id >= ${add(firstIdAt(since))}::uuid`]),
    ...(until === undefined ? [] : [`d.id < ${add(firstIdAt(until))}::uuid`]),
  ]
    .map((condition) => ` and ${condition}`)
    .join('');
}
