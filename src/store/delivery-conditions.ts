import type { DeliveryStatus } from '../jobs/delivery-object';

/** Conditions that select deliveries of a key. */
export interface DeliverySelection {
  /** Origin of the receiver. */
  readonly origin?: string | undefined;
  readonly statuses?: readonly DeliveryStatus[] | undefined;
  readonly since?: Date | undefined;
  /** End of the time range, exclusive. */
  readonly until?: Date | undefined;
}

/** Adds a parameter to a statement and returns its name in the SQL (`$n`). */
export type AddParameter = (value: unknown) => string;

export function parameters(): { readonly values: unknown[]; readonly add: AddParameter } {
  const values: unknown[] = [];
  return { values, add: (value) => `$${values.push(value)}` };
}

/** Makes the least id of that millisecond: ids begin with their time, so ranges of time are ranges of ids. */
export function firstIdAt(time: Date): string {
  const hex = Math.max(time.getTime(), 0).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/**
 * Writes the conditions on the receivers `e` of a key.
 * @returns SQL
 */
export function endpointConditions(apiKeyId: string, { origin }: DeliverySelection, add: AddParameter): string {
  return `e.api_key_id = ${add(apiKeyId)}${origin === undefined ? '' : ` and e.origin = ${add(origin)}`}`;
}

/**
 * Writes the conditions on deliveries `d`. Statuses are literals, because a partial index does not match a parameter.
 * @returns SQL that begins with `and`, or an empty text
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
