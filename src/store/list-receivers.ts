import type { ReceiverRecord, ReceiverState, ReceiverUrlRecord, ReceiverUrlState } from '../jobs/receiver-object';
import { redactUrl } from '../telemetry/redact-url';
import type { Queryable } from './database';
import { parameters } from './sql-parameters';
import { MAX_TROUBLED_URLS } from './troubled-urls';

/** How far waiting deliveries are counted: in a list of receivers, and of one. The index alone is read for it. */
const COUNTED_IN_LIST = 10_000;
const COUNTED = 1_000_000;

interface ReceiverRow {
  id: string;
  origin: string;
  state: ReceiverState;
  pending: number;
  failing_since: Date | null;
  next_call_at: Date | null;
  failed_at: Date | null;
  failed_status_code: number | null;
  failed_error: string | null;
  troubled_urls: number;
}

const STATE = `case when e.next_call_at is not null then 'probing' when e.failing_since is not null then 'failing' else 'healthy' end`;

/** The receivers of test calls are left out: their id is made of more than key and origin (`testEndpointOf`). */
export const IS_NO_TEST = `e.id = left(encode(sha256(convert_to(e.api_key_id || E'\\n' || e.origin, 'UTF8')), 'hex'), 32)`;

const shownSql = (receiversSql: string, counted: number): string => `
select e.id, e.origin, ${STATE} as state, e.failing_since, e.next_call_at, e.failed_at, e.failed_status_code, e.failed_error,
  (select count(*) from (
     select 1 from webhook_deliveries d where d.endpoint_id = e.id and d.status = 'pending' limit ${counted}) d)::int as pending,
  ((select count(*) from webhook_troubled_urls t where t.endpoint_id = e.id)
    + (select count(*) from webhook_stops s where s.endpoint_id = e.id))::int as troubled_urls
from (${receiversSql}) e order by e.origin collate "C"`;

export interface ReceiverFilter {
  readonly state?: ReceiverState | undefined;
  /** Origin of the last receiver of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface ListedReceivers {
  readonly receivers: readonly ReceiverRecord[];
  /** Origin after which the next page begins; undefined on the last page. */
  readonly next: string | undefined;
}

/** Lists the receivers of a key in the order of their origins. */
export async function listReceivers(db: Queryable, apiKeyId: string, filter: ReceiverFilter): Promise<ListedReceivers> {
  const { values, add } = parameters();
  const { state, after, limit } = filter;
  const found = `
    select e.* from webhook_endpoints e where e.api_key_id = ${add(apiKeyId)} and ${IS_NO_TEST}
      ${state === undefined ? '' : `and ${STATE} = ${add(state)}`} ${after === undefined ? '' : `and e.origin collate "C" > ${add(after)}`}
    order by e.origin collate "C" limit ${add(limit + 1)}`;
  const rows = await db.query<ReceiverRow>(shownSql(found, COUNTED_IN_LIST), values);
  const receivers = rows.slice(0, limit).map(recordOf);
  return { receivers, next: rows.length > limit ? receivers.at(-1)?.origin : undefined };
}

export interface ReceiverWithUrls {
  readonly receiver: ReceiverRecord;
  /** Its URLs in trouble, the newest trouble first. */
  readonly urls: readonly ReceiverUrlRecord[];
}

/** Finds a receiver with its URLs in trouble; undefined when the key has no such receiver. */
export async function findReceiverOfKey(
  db: Queryable,
  apiKeyId: string,
  id: string,
): Promise<ReceiverWithUrls | undefined> {
  const own = `select e.* from webhook_endpoints e where e.id = $1 and e.api_key_id = $2 and ${IS_NO_TEST}`;
  const [row] = await db.query<ReceiverRow>(shownSql(own, COUNTED), [id, apiKeyId]);
  if (row === undefined) return undefined;
  const urls = await db.query<{ url: string; state: ReceiverUrlState; since: Date; next_call_at: Date | null }>(
    `select url, 'refusing' as state, failing_since as since, next_call_at from webhook_troubled_urls where endpoint_id = $1 and url is not null
     union all
     select url, 'stopped', stopped_at, null from webhook_stops where endpoint_id = $1 and url is not null
     order by since desc limit ${MAX_TROUBLED_URLS}`,
    [id],
  );
  return {
    receiver: recordOf(row),
    urls: urls.map(({ url, next_call_at, ...rest }) => ({
      ...rest,
      url: redactUrl(url),
      ...(next_call_at !== null && { nextCallAt: next_call_at }),
    })),
  };
}

function recordOf(row: ReceiverRow): ReceiverRecord {
  const { failing_since, next_call_at, failed_at, failed_status_code, failed_error } = row;
  return {
    id: row.id,
    origin: row.origin,
    state: row.state,
    pending: row.pending,
    ...(failing_since !== null && { failingSince: failing_since }),
    ...(next_call_at !== null && { nextCallAt: next_call_at }),
    ...(failing_since !== null &&
      failed_at !== null && {
        lastError: {
          at: failed_at,
          ...(failed_status_code !== null && { statusCode: failed_status_code }),
          ...(failed_error !== null && { error: failed_error }),
        },
      }),
    troubledUrls: row.troubled_urls,
  };
}
