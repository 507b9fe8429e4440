import { randomUUID } from 'node:crypto';
import type { FetchedPage } from '../jobs/fetch-outcome';
import type { Database } from '../store/database';
import { retryTransient } from '../store/retry-transient';
import type { FailedAttempt, JobEnd } from '../store/write-outcomes';
import { writeToExisting } from '../store/write-to-existing';
import { segmentKey } from './segments/segment-store';
import type { SegmentStore } from './segments/segment-store';
import { crc32Of } from './segments/check-record';
import { buildSegment, writePageRecord, writeScreenshotRecord } from './segments/warc';

/** Result that a worker wants to be durable. */
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

/** How long a result may wait for others to share its segment. `now` waits only while another commit is being written. */
export type Urgency = 'now' | 'lingering';

/** Number of results that makes a commit due. */
const DUE_COMMITS = 200;
/** Limit for a commit, which takes along the results that came in meanwhile. */
const MAX_COMMITS = 400;
const MAX_BYTES = 8 * 1024 * 1024;
/** Longest wait of an urgent result while another commit is being written (ms). */
const MAX_WAIT_MS = 100;
/** Longest wait of a result that may linger (ms): at 200 pages a second it makes one segment a second instead of one for every page or two. */
const MAX_LINGER_MS = 1_000;
const MAX_IN_FLIGHT = 2;
/**
 * Results that wait beyond this number keep their fetch slots, so that fetching does not outrun a slow disk. With fewer than the next
 * commit can take, slots were held in between two commits of a healthy disk (a tenth of the rate at 2,000 slow fetches in flight).
 */
const BACKLOG = MAX_COMMITS;

export interface CommitterDeps {
  readonly database: Database;
  readonly segments: SegmentStore;
  /** Called after the commit, so that receivers are woken without waiting for the dispatcher. */
  readonly onDeliveries: (endpointIds: readonly string[]) => void;
}

/**
 * The worker's group commit. It writes one segment (fsync) and then one transaction for all that waits, then tells everyone who
 * waits. Urgent results are written at once when no commit is in flight, otherwise at 200 items, 8 MB or 100 ms, whichever is
 * first. Where all that waits may linger, it is written at 200 items, 8 MB or one second, so that segments hold many pages.
 * At most 2 commits are in flight; what waits is bounded by the worker's byte budget, and by its fetch slots while commits do not
 * keep up.
 */
export class Committer {
  readonly #deps: CommitterDeps;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** Time at which the oldest waiting result came in, on the clock of `performance`. */
  #oldestAtMs = 0;
  /** Time at which the first urgent result came in; undefined while none waits. */
  #urgentAtMs: number | undefined;
  #inFlight = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Time for which the timer is set; undefined without a timer. */
  #timerAtMs: number | undefined;

  constructor(deps: CommitterDeps) {
    this.#deps = deps;
  }

  /** True while commits do not keep up: a page that was fetched then keeps its slot until it is durable. */
  get isBacklogged(): boolean {
    return this.#inFlight >= MAX_IN_FLIGHT && this.#waiting.length >= BACKLOG;
  }

  /** Resolves when the commit is durable. Rejects when PostgreSQL or the page store stay away too long; the row then tells what became of it. */
  commit(commit: Commit, urgency: Urgency = 'now'): Promise<IsApplied> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) this.#oldestAtMs = performance.now();
      if (urgency === 'now') this.#urgentAtMs ??= performance.now();
      this.#waiting.push({ commit, resolve, reject });
      this.#waitingBytes += bytesOf(commit);
      this.#flushWhenDue();
    });
  }

  /** Ends the waiting of results that linger, for instance because nothing else will come. */
  hurry(): void {
    if (this.#waiting.length === 0) return;
    this.#urgentAtMs ??= performance.now();
    this.#flushWhenDue();
  }

  #flushWhenDue(): void {
    if (this.#waiting.length === 0 || this.#inFlight >= MAX_IN_FLIGHT) return this.#stopTimer();
    if (this.#waiting.length >= DUE_COMMITS || this.#waitingBytes >= MAX_BYTES) return this.#flush();
    if (this.#urgentAtMs !== undefined && this.#inFlight === 0) return this.#flush();
    const dueAtMs = this.#urgentAtMs === undefined ? this.#oldestAtMs + MAX_LINGER_MS : this.#urgentAtMs + MAX_WAIT_MS;
    if (dueAtMs === this.#timerAtMs) return; // This is so for nearly every page that comes in.
    const waitMs = dueAtMs - performance.now();
    if (waitMs <= 0) return this.#flush();
    this.#stopTimer();
    this.#timerAtMs = dueAtMs;
    this.#timer = setTimeout(() => {
      this.#timerAtMs = undefined;
      this.#flushWhenDue();
    }, waitMs);
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timerAtMs = undefined;
  }

  #flush(): void {
    this.#stopTimer();
    const group = this.#takeGroup();
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

  /** Takes results up to the limit of bytes, but at least one. */
  #takeGroup(): Waiting[] {
    let size = 0;
    let bytes = 0;
    for (const { commit } of this.#waiting) {
      if (size === MAX_COMMITS || (size > 0 && bytes + bytesOf(commit) > MAX_BYTES)) break;
      size += 1;
      bytes += bytesOf(commit);
    }
    this.#waitingBytes -= bytes;
    if (size === this.#waiting.length) this.#urgentAtMs = undefined; // Otherwise the rest has waited long enough.
    return this.#waiting.splice(0, size);
  }

  /** Writes pages first: a crash between the two leaves an orphan that goes with its hour, never a row without its page. */
  async #write(commits: readonly Commit[]): Promise<IsApplied[]> {
    const ends = await retryTransient(() => this.#storePages(commits));
    const attempts = commits.flatMap((commit) => (commit.kind === 'attempt' ? [commit.attempt] : []));
    const written = await retryTransient(() => writeToExisting(this.#deps.database, ends, attempts));
    if (written.endpointIds.length > 0) this.#deps.onDeliveries(written.endpointIds);
    return commits.map((commit) =>
      commit.kind === 'end' ? written.ids.has(commit.end.job.id) : written.retried.has(commit.attempt.job.id),
    );
  }

  async #storePages(commits: readonly Commit[]): Promise<JobEnd[]> {
    const ends = commits.flatMap((commit) => (commit.kind === 'end' ? [commit] : []));
    const records = ends.flatMap(({ end, page }) => {
      if (page === undefined) return [];
      const record = writePageRecord({ page, jobId: end.job.id });
      return page.screenshot === undefined ? [record] : [record, writeScreenshotRecord(page, page.screenshot)];
    });
    if (records.length === 0) return ends.map(({ end }) => end);
    const segment = segmentKey(new Date(), randomUUID());
    const { chunks, places } = buildSegment(records);
    await this.#deps.segments.write(segment, chunks);
    const checkedPlaces = places.map((place, index) => ({ ...place, crc32: crc32Of(records[index] ?? []) }));
    let next = 0;
    return ends.map(({ end, page }) => {
      const place = page === undefined ? undefined : checkedPlaces[next++];
      if (place === undefined) return end;
      const screenshot = page?.screenshot === undefined ? undefined : checkedPlaces[next++];
      const behind = screenshot && { screenshotLength: screenshot.length, screenshotCrc32: screenshot.crc32 };
      return { ...end, page: { segment, ...place, ...behind } };
    });
  }
}

const bytesOf = (commit: Commit): number =>
  commit.kind === 'end' ? (commit.page?.body.byteLength ?? 0) + (commit.page?.screenshot?.byteLength ?? 0) : 0;
