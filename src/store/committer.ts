import { randomUUID } from 'node:crypto';
import type { FetchedPage } from '../contracts/fetch-outcome';
import type { Database } from './database';
import { endJobs } from './end-jobs';
import type { JobEnd } from './end-jobs';
import { recordAttempts } from './record-attempts';
import type { FailedAttempt } from './record-attempts';
import { segmentKey } from './segments/segment-store';
import type { SegmentStore } from './segments/segment-store';
import { buildSegment, writeResponseRecord } from './segments/warc';

/** What a worker wants to be durable. */
export type Commit =
  | { readonly kind: 'end'; readonly end: Omit<JobEnd, 'page'>; readonly page?: FetchedPage }
  | { readonly kind: 'attempt'; readonly attempt: FailedAttempt };

/** Whether this commit changed the row; false when the job had ended before. */
export type IsApplied = boolean;

interface Waiting {
  readonly commit: Commit;
  readonly resolve: (isApplied: IsApplied) => void;
  readonly reject: (error: unknown) => void;
}

const MAX_COMMITS = 200;
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_WAIT_MS = 100;
const MAX_IN_FLIGHT = 2;

export interface CommitterDeps {
  readonly database: Database;
  readonly segments: SegmentStore;
  /** Told after the commit, so that receivers are woken without waiting for the dispatcher. */
  readonly onDeliveries: (endpointIds: readonly string[]) => void;
}

/**
 * The worker's group commit. At once when no commit is in flight, otherwise at 200 items, 8 MB or 100 ms, whichever is
 * first, it writes one segment (fsync) and then one transaction for all of them, then tells everyone who waits.
 * At most 2 commits are in flight; what waits is bounded by the worker's fetch slots, because each of them waits here.
 */
export class Committer {
  readonly #deps: CommitterDeps;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #inFlight = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: CommitterDeps) {
    this.#deps = deps;
  }

  /** Resolves when the commit is durable. Rejects when it is not; then nothing of it is. */
  commit(commit: Commit): Promise<IsApplied> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ commit, resolve, reject });
      this.#waitingBytes += bytesOf(commit);
      this.#flushWhenDue();
    });
  }

  #flushWhenDue(): void {
    if (this.#waiting.length === 0 || this.#inFlight >= MAX_IN_FLIGHT) return;
    if (this.#inFlight === 0 || this.#waiting.length >= MAX_COMMITS || this.#waitingBytes >= MAX_BYTES)
      return this.#flush();
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.#waiting.length > 0 && this.#inFlight < MAX_IN_FLIGHT) this.#flush();
    }, MAX_WAIT_MS);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const group = this.#waiting.splice(0, MAX_COMMITS);
    this.#waitingBytes = this.#waiting.reduce((sum, { commit }) => sum + bytesOf(commit), 0);
    this.#inFlight += 1;
    void this.#write(group.map(({ commit }) => commit))
      .then(
        (applied) => group.forEach(({ resolve }, index) => resolve(applied[index] ?? false)),
        (error: unknown) => group.forEach(({ reject }) => reject(error)),
      )
      .finally(() => {
        this.#inFlight -= 1;
        this.#flushWhenDue();
      });
  }

  /** Pages first: a crash between the two leaves an orphan that goes with its hour, never a row without its page. */
  async #write(commits: readonly Commit[]): Promise<IsApplied[]> {
    const ends = await this.#storePages(commits);
    const attempts = commits.flatMap((commit) => (commit.kind === 'attempt' ? [commit.attempt] : []));
    const { database } = this.#deps;
    const write = async (db: Pick<Database, 'query'>) => ({
      ended: await endJobs(db, ends),
      retried: await recordAttempts(db, attempts),
    });
    // Each of the two is one statement and so a transaction of its own; both together need one around them.
    const { ended, retried } =
      ends.length > 0 && attempts.length > 0 ? await database.transaction(write) : await write(database);
    if (ended.endpointIds.length > 0) this.#deps.onDeliveries(ended.endpointIds);
    return commits.map((commit) =>
      commit.kind === 'end' ? ended.ids.has(commit.end.job.id) : retried.has(commit.attempt.job.id),
    );
  }

  async #storePages(commits: readonly Commit[]): Promise<JobEnd[]> {
    const ends = commits.flatMap((commit) => (commit.kind === 'end' ? [commit] : []));
    const records = ends.flatMap(({ end, page }) =>
      page === undefined ? [] : [writeResponseRecord({ page, jobId: end.job.id })],
    );
    if (records.length === 0) return ends.map(({ end }) => end);
    const segment = segmentKey(new Date(), randomUUID());
    const { chunks, places } = buildSegment(records);
    await this.#deps.segments.write(segment, chunks);
    let next = 0;
    return ends.map(({ end, page }) => {
      const place = page === undefined ? undefined : places[next++];
      return place === undefined ? end : { ...end, page: { segment, ...place } };
    });
  }
}

const bytesOf = (commit: Commit): number => (commit.kind === 'end' ? (commit.page?.body.byteLength ?? 0) : 0);
