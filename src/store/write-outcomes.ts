import { createDeliveryId } from '../jobs/delivery-object';
import type { FailReason } from '../jobs/fail-reasons';
import type { LastFailure } from '../jobs/job-object-schema';
import type { TriedAttempt } from '../jobs/tried-attempt';
import { withCopies } from './copies';
import { arrayLiteral } from './database';
import type { Queryable } from './database';
import { urlHashOf } from './end-deliveries';
import { slowHostColumns } from './slow-hosts';
import { endpointOf } from './receivers';
import type { PagePlace, StoredJob } from './jobs';
import { WRITE_OUTCOMES } from './outcome-sql';

/** End of a job. `attempts` counts fetches, the last one included. */
export interface JobEnd {
  readonly job: StoredJob;
  readonly status: 'finished' | 'failed' | 'cancelled';
  readonly attempts: number;
  readonly statusCode?: number;
  readonly failReason?: FailReason;
  readonly lastFailure?: LastFailure;
  readonly page?: PagePlace;
  /** Credits on top of the price, for a challenge that was passed. */
  readonly surcharge?: number;
  /** How long the last attempt took (ms). */
  readonly durationMs?: number;
  /** All attempts, where one had failed; undefined: what the row has of them stays. */
  readonly tried?: readonly TriedAttempt[];
}

export interface EndedJobs {
  /** Ids that this call ended; the others had ended before and stay as they were. */
  readonly ids: ReadonlySet<string>;
  /** Receivers that have a new delivery and are not being probed. */
  readonly endpointIds: readonly string[];
}

/** An attempt that did not end its job. */
export interface FailedAttempt {
  readonly job: StoredJob;
  /** Fetches so far, this one included. The number is absolute, so that writing it twice counts once. */
  readonly attempts: number;
  readonly strikes: number;
  readonly lastFailure: LastFailure;
  readonly nextAttemptAt: Date;
  /** Earlier attempts, with this one at the end. */
  readonly tried: readonly TriedAttempt[];
  /** How long this one took (ms). */
  readonly durationMs?: number;
}

export interface WrittenOutcomes extends EndedJobs {
  /** Ids of attempts whose job was still running; the others had ended before and stay as they are. */
  readonly retried: ReadonlySet<string>;
}

/** Ends jobs once and for all. Ending a job again is harmless and changes nothing. */
export async function endJobs(db: Queryable, ends: readonly JobEnd[]): Promise<EndedJobs> {
  const { ids, endpointIds } = await writeOutcomes(db, ends, []);
  return { ids, endpointIds };
}

/** Writes the outcomes of attempts in one statement, so all or none of them. With a job its copies end. */
export async function writeOutcomes(
  db: Queryable,
  givenEnds: readonly JobEnd[],
  givenAttempts: readonly FailedAttempt[],
): Promise<WrittenOutcomes> {
  // A statement may not touch a row twice, and an attempt that was believed lost may end its job beside the one that replaced it.
  const ends = new Map((await withCopies(db, givenEnds)).map((end) => [end.job.id, end]));
  const attempts = new Map(givenAttempts.filter(({ job }) => !ends.has(job.id)).map((each) => [each.job.id, each]));
  const written = { ids: new Set<string>(), endpointIds: new Set<string>(), retried: new Set<string>() };
  if (ends.size + attempts.size > 0) {
    const values = [
      ...endColumns([...ends.values()]),
      ...attemptColumns([...attempts.values()]),
      ...slowHostColumns([...ends.values(), ...attempts.values()]),
      ...cappedColumns([...ends.values()]),
      triedColumn([...ends.values()]),
    ];
    const rows = await db.query<WrittenRow & Record<string, unknown>>(WRITE_OUTCOMES, values, 'write-outcomes');
    for (const row of rows) {
      (row.is_end ? written.ids : written.retried).add(row.id);
      if (row.endpoint_id !== null) written.endpointIds.add(row.endpoint_id);
    }
  }
  return { ...written, endpointIds: [...written.endpointIds] };
}

/** Mostly no job that ends has failed before, and a shorter column counts as nulls. */
const triedColumn = (ends: readonly JobEnd[]): string =>
  ends.some(({ tried }) => tried !== undefined)
    ? arrayLiteral(ends.map(({ tried }) => tried && JSON.stringify(tried)))
    : '{}';

/** The chunks in which pages are charged only as far as that was reserved. */
function cappedColumns(ends: readonly JobEnd[]): string[] {
  const chunks = new Map<string, StoredJob>();
  for (const { job, status } of ends)
    if (job.isCapped === true && status === 'finished') chunks.set(`${job.batchId} ${job.chunkNumber}`, job);
  const jobs = [...chunks.values()];
  return [arrayLiteral(jobs.map((job) => job.batchId)), arrayLiteral(jobs.map((job) => job.chunkNumber))];
}

interface WrittenRow {
  readonly id: string;
  readonly endpoint_id: string | null;
  readonly is_end: boolean;
}

function endColumns(ends: readonly JobEnd[]): string[] {
  const calls = callsOf(ends);
  const time = textOfTimes();
  const column = (pick: (end: JobEnd) => string | number | undefined) => arrayLiteral(ends.map(pick));
  return [
    column((end) => end.job.id),
    column((end) => end.job.batchId),
    column((end) => end.job.chunkNumber),
    column((end) => end.job.apiKeyId),
    column((end) => end.job.url),
    column((end) => end.status),
    column((end) => end.attempts),
    column((end) => lastFailureOf(end)),
    column((end) => end.statusCode),
    column((end) => end.failReason),
    column((end) => end.page?.segment),
    column((end) => end.page?.offset),
    column((end) => end.page?.length),
    column((end) => time(end.job.createdAt)),
    column((end) => time(end.job.deadlineAt)),
    arrayLiteral(calls.map((call) => call?.url)),
    arrayLiteral(calls.map((call) => call?.endpointId)),
    arrayLiteral(calls.map((call) => call?.origin)),
    column((end) => end.job.price),
    arrayLiteral(calls.map((call) => call && createDeliveryId())),
    arrayLiteral(calls.map((call) => call?.urlHash)),
    column((end) => end.page?.screenshotLength),
    column((end) => end.surcharge ?? 0),
    column((end) => end.page?.crc32),
    column((end) => end.page?.screenshotCrc32),
    column((end) => end.page?.ownerId),
  ];
}

/** Why a job was not fetched that failed without a single fetch. The other reasons of failures say it themselves. */
const NOT_TRIED: Readonly<Partial<Record<FailReason, string>>> = {
  failed_due_to_timeout: 'its turn had not come when its time was over',
  terminated: 'its workflow was ended before the first fetch',
  internal_error: 'no fetch was made',
};

/** A failed job always says what went wrong last: an attempt, or what kept it from being tried. */
function lastFailureOf({ job, status, failReason, lastFailure }: JobEnd): string | undefined {
  if (lastFailure !== undefined) return JSON.stringify(lastFailure);
  const detail = status === 'failed' && failReason !== undefined ? NOT_TRIED[failReason] : undefined;
  if (detail === undefined || job.attempts > 0) return undefined;
  return JSON.stringify({ reason: 'not-tried', detail, at: new Date().toISOString() } satisfies LastFailure);
}

function attemptColumns(attempts: readonly FailedAttempt[]): string[] {
  const time = textOfTimes();
  const column = (pick: (attempt: FailedAttempt) => string | number | undefined) => arrayLiteral(attempts.map(pick));
  return [
    column(({ job }) => job.id),
    column(({ job }) => job.batchId),
    column(({ job }) => job.chunkNumber),
    column(({ job }) => job.apiKeyId),
    column(({ job }) => job.url),
    column((attempt) => attempt.attempts),
    column(({ strikes }) => strikes),
    column(({ lastFailure }) => JSON.stringify(lastFailure)),
    column(({ nextAttemptAt }) => time(nextAttemptAt)),
    column(({ job }) => time(job.createdAt)),
    column(({ job }) => time(job.deadlineAt)),
    column(({ tried }) => JSON.stringify(tried)),
  ];
}

interface Call {
  readonly url: string;
  readonly urlHash: string;
  readonly endpointId: string;
  readonly origin: string;
}

/** Remembers the receiver of a batch, because all its URLs have the same one. */
function callsOf(ends: readonly JobEnd[]): (Call | undefined)[] {
  const known = new Map<string, Call>();
  return ends.map((end) => {
    const url = callbackOf(end);
    if (url === undefined) return undefined;
    const id = `${end.job.apiKeyId} ${url}`;
    const call = known.get(id) ?? { url, urlHash: urlHashOf(url), ...endpointOf(end.job.apiKeyId, url) };
    known.set(id, call);
    return call;
  });
}

/** Writes dates as PostgreSQL reads them, once for all URLs of a chunk. `pg` would write each anew, in local time. */
function textOfTimes(): (time: Date) => string {
  const known = new Map<Date, string>();
  return (time) => {
    const text = known.get(time) ?? time.toISOString();
    known.set(time, text);
    return text;
  };
}

/** A success is always reported; any other end only on demand. */
function callbackOf({ job, status }: JobEnd): string | undefined {
  const { callback, expectUnsuccessReport } = job.options;
  return status === 'finished' || expectUnsuccessReport === true ? callback?.url : undefined;
}
