import { spoken } from '../../format/texts';
import { Button } from '../../parts/button';
import { QuerySelect, QueryTextField } from '../../parts/query-fields';
import { replaceQuery, useLocation } from '../../routing/use-location';

const statuses = ['running', 'finished', 'failed', 'cancelled'].map((value) => ({ value, text: value }));

/** Every `failReason` of the API, the frequent ones first. */
const reasons = [
  'failed_due_to_timeout',
  'max_cost_exceeded',
  'credits_exhausted',
  'forbidden_target',
  'robots_disallowed',
  'response_too_large',
  'conversion_failed',
  'too_many_redirects',
  'payment_required',
  'unavailable_for_legal_reasons',
  'terminated',
  'internal_error',
].map((value) => ({ value, text: spoken(value) }));

const names = ['q', 'status', 'failReason', 'host', 'statusCode', 'clientId'] as const;
const nothing = Object.fromEntries([...names, 'cursor'].map((name) => [name, undefined]));

/** Filters of a list of jobs. */
export function JobFilters() {
  const { query } = useLocation();
  const isFiltered = names.some((name) => query[name] !== undefined);
  return (
    <div class="filters">
      <QueryTextField label="URL contains" name="q" />
      <QuerySelect label="Status" name="status" anyText="any" options={statuses} />
      <QuerySelect label="Failed because" name="failReason" anyText="any reason" options={reasons} />
      <QueryTextField label="Host" name="host" placeholder="www.example.com" />
      <QueryTextField label="HTTP status" name="statusCode" placeholder="200, or none" />
      <QueryTextField label="Your own id" name="clientId" />
      <div class="filters-end">
        <Button kind="quiet" icon="close" isDisabled={!isFiltered} onClick={() => replaceQuery(nothing)}>
          Clear
        </Button>
      </div>
    </div>
  );
}
