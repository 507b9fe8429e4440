import type { DeliveryObject } from '../../api/types';
import { QuerySelect, QueryTextField } from '../../parts/query-fields';
import { useLocation } from '../../routing/use-location';

const STATUSES = ['pending', 'delivered', 'failed', 'stopped'] as const satisfies readonly DeliveryObject['status'][];
const FILTERS = ['status', 'endpoint', 'job', 'batch', 'since', 'until'] as const;

export type DeliveryFilter = Readonly<Partial<Record<(typeof FILTERS)[number], string | undefined>>>;

/** The filters of the log that stand in the address. */
export function useDeliveryFilter(): DeliveryFilter {
  const { query } = useLocation();
  return Object.fromEntries(FILTERS.map((name) => [name, query[name]]));
}

export const isFiltered = (filter: DeliveryFilter): boolean =>
  Object.values(filter).some((value) => value !== undefined);

export const DeliveryFilters = () => (
  <div class="filters" role="search" aria-label="Filter callbacks">
    <QuerySelect
      label="Status"
      name="status"
      anyText="Any"
      options={STATUSES.map((status) => ({ value: status, text: status }))}
    />
    <QueryTextField label="Receiver" name="endpoint" placeholder="https://you.example" />
    <QueryTextField label="Job" name="job" placeholder="id" />
    <QueryTextField label="Batch" name="batch" placeholder="id" />
    <QueryTextField label="Made since" name="since" placeholder="2026-03-02T09:30:00Z" />
    <QueryTextField label="Made before" name="until" placeholder="2026-03-03T09:30:00Z" />
  </div>
);
