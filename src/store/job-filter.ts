import type { FailReason } from '../jobs/fail-reasons';
import type { JobStatus } from '../jobs/job-object';
import { NO_STATUS } from '../jobs/request-fields';
import { lastStatusOf } from './last-status';
import type { AddParameter } from './sql-parameters';

/** Conditions that select jobs, single or members of batches. */
export interface JobFilter {
  readonly status?: JobStatus | undefined;
  /** Forms of one host name, of which a URL has one. */
  readonly hosts?: readonly string[] | undefined;
  readonly clientId?: string | undefined;
  readonly failReason?: FailReason | undefined;
  /** Status of the page, or of the last answer of a failed job. */
  readonly statusCode?: number | typeof NO_STATUS | undefined;
  /** Text in the URL. */
  readonly search?: string | undefined;
  /** Beginning of the range of time in which it ended. */
  readonly endedSince?: Date | undefined;
  /** End of that range, exclusive. */
  readonly endedUntil?: Date | undefined;
}

/** Whether only jobs that have a row can meet the conditions: a member without one is running, and nothing has happened to it. */
export const needsRow = (filter: JobFilter): boolean =>
  filter.clientId === undefined &&
  ((filter.status !== undefined && filter.status !== 'running') ||
    filter.failReason !== undefined ||
    filter.statusCode !== undefined ||
    filter.endedSince !== undefined ||
    filter.endedUntil !== undefined);

/** Whether every job meets the conditions. */
export function isUnfiltered(filter: JobFilter): boolean {
  const { status, hosts, clientId, failReason, statusCode, search, endedSince, endedUntil } = filter;
  const conditions = [status, hosts, clientId, failReason, statusCode, search, endedSince, endedUntil];
  return conditions.every((condition) => condition === undefined);
}

const all = (conditions: readonly string[]): string => (conditions.length === 0 ? 'true' : conditions.join(' and '));

/** Writes the conditions on the row `j` of a job, which a member need not have yet. @returns SQL */
export function rowConditions(filter: JobFilter, add: AddParameter): string {
  const { status, failReason, statusCode, endedSince, endedUntil } = filter;
  return all([
    ...(status === undefined ? [] : [`coalesce(j.status, 'running') = ${add(status)}`]),
    ...(failReason === undefined
      ? []
      : [`j.status = 'failed' and coalesce(j.fail_reason, 'internal_error') = ${add(failReason)}`]),
    ...(statusCode === undefined ? [] : [statusCondition(statusCode, add)]),
    ...(endedSince === undefined ? [] : [`j.ended_at >= ${add(endedSince)}`]),
    ...(endedUntil === undefined ? [] : [`j.ended_at < ${add(endedUntil)}`]),
  ]);
}

function statusCondition(statusCode: number | typeof NO_STATUS, add: AddParameter): string {
  const last = `case when j.status = 'failed' then coalesce(${lastStatusOf('j.')}, 0) else j.status_code end`;
  return `${last} = ${statusCode === NO_STATUS ? 0 : add(statusCode)}`;
}

/** Writes the conditions on a URL. @returns SQL */
export function urlConditions(url: string, { hosts, search }: JobFilter, add: AddParameter): string {
  return all([
    ...(hosts === undefined ? [] : [`${url} ~* ${add(hostPattern(hosts))}`]),
    ...(search === undefined ? [] : [`${url} ilike ${add(containing(search))}`]),
  ]);
}

/**
 * Writes what the counters of a chunk `c` say about whether it has such jobs. Where failures began before their reasons were
 * counted, any reason is possible.
 * @returns SQL
 */
export function chunkConditions(filter: JobFilter, add: AddParameter): string {
  const { status, failReason, statusCode, endedSince, endedUntil, clientId } = filter;
  const hasEnded = statusCode !== undefined || endedSince !== undefined || endedUntil !== undefined;
  return all([
    ...(status === 'running' ? ['c.ended_at is null'] : status === undefined ? [] : [`c.${status} > 0`]),
    ...(hasEnded ? ['c.finished + c.failed + c.cancelled > 0'] : []),
    ...(endedSince === undefined ? [] : [`(c.ended_at is null or c.ended_at >= ${add(endedSince)})`]),
    ...(failReason === undefined ? [] : ['c.failed > 0']),
    ...(failReason === undefined || failReason === 'internal_error'
      ? []
      : [
          `(c.failures ? ${add(failReason)} or c.failed > coalesce((select sum(value::int) from jsonb_each_text(c.failures)), 0))`,
        ]),
    ...(clientId === undefined ? [] : [`c.client_ids @> array[${add(clientId)}]`]),
  ]);
}

/** A pattern for `ilike`. */
export const containing = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

/** A regular expression of PostgreSQL for URLs of a host, whatever its case, port and user. */
function hostPattern(hosts: readonly string[]): string {
  const names = hosts.map((host) => host.replace(/[^\p{L}\p{N}-]/gu, '\\$&'));
  return `^https?://([^/?#@]*@)?(${names.join('|')})\\.?(:[0-9]*)?([/?#]|$)`;
}
