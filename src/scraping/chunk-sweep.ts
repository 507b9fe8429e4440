import { CHUNK_URLS, chunkPlaceOf } from '../jobs/job-id';
import { needsBrowser } from '../jobs/needs-browser';
import { hostOf } from '../net/host-of';
import type { FetchPool } from '../scheduling/fetch-pool';
import type { SweepLane } from '../scheduling/sweep-lane';
import type { BatchState } from '../store/batch-states';
import { jobOfMember } from '../store/chunks';
import type { OpenChunk } from '../store/chunks';
import type { Commit, Committer, IsApplied } from '../pages/committer';
import type { StoredJob } from '../store/jobs';
import type { AttemptJob } from './attempt-job';
import { CreditGate } from './credit-gate';
import type { ReserveCredits } from './credit-gate';
import { commitOf } from './commit-of';
import type { FirstFetches } from './first-fetches';
import { judgeOutcome } from './judge-outcome';
import type { Decision } from './judge-outcome';
import { HORIZON_MS } from './sweep-policy';
import { sweptUrlsOf } from './swept-url';
import type { SweptUrl } from './swept-url';

export interface ChunkSweepDeps {
  readonly pool: FetchPool;
  /** Pool for URLs that need no browser, in a batch where others need one. @default `pool` */
  readonly plainPool?: FetchPool;
  readonly attemptJob: AttemptJob;
  readonly committer: Pick<Committer, 'commit' | 'hurry' | 'isBacklogged'>;
  readonly firstFetches: Pick<FirstFetches, 'begin'>;
  /** Sets what is reserved for the chunks of a batch with `maxCredits`. */
  readonly reserveCredits: ReserveCredits;
}

/**
 * One sweep over the URLs of neighbouring chunks. Everything that matters is in the rows: what this sweep has not committed, the
 * next one finds there.
 */
export class ChunkSweep {
  readonly #deps: ChunkSweepDeps;
  readonly #chunks: readonly OpenChunk[];
  readonly #lane: SweepLane<SweptUrl>;
  /** Lane of the URLs that need no browser, where the batch is swept by a worker that has one. */
  readonly #plainLane: SweepLane<SweptUrl>;
  readonly #urls: readonly SweptUrl[];
  /** Aborts all fetches at once. */
  readonly #fetching = new AbortController();
  readonly #retries = new Set<NodeJS.Timeout>();
  /** URLs that are queued, being fetched, being committed, or waiting for a retry of this sweep. */
  #open = 0;
  /** How many of the open ones wait for their commit. */
  #committing = 0;
  /** URLs that this sweep has not tried yet. */
  #untried = 0;
  /**
   * Set once all URLs have been tried. What comes due later is left to the next sweep, or failing URLs would hold this one open for
   * hours.
   */
  #retryUntilMs = Infinity;
  /** Lets URLs through as far as credits go, where these are limited. */
  readonly #gate: CreditGate<SweptUrl> | undefined;
  #isDraining = false;
  #isOutOfCredits = false;
  #settle: { readonly resolve: () => void; readonly reject: (error: unknown) => void } | undefined;

  /**
   * @param chunks at least one; all of the same batch
   * @param except places that this sweep leaves alone, counted as {@link SweptUrl.place}
   */
  constructor(deps: ChunkSweepDeps, chunks: readonly OpenChunk[], except: ReadonlySet<number> = new Set()) {
    const [first] = chunks;
    if (first === undefined) throw new RangeError('a sweep needs at least one chunk');
    this.#deps = deps;
    this.#chunks = chunks;
    const { apiKeyId, maxConcurrency, batchId, maxPerHost } = first;
    const batch = maxPerHost === undefined ? undefined : { id: batchId, maxPerHost };
    const owner = { apiKeyId, maxConcurrency, batch };
    const laneIn = (pool: FetchPool) =>
      pool.openLane<SweptUrl>(owner, batchId, {
        patienceMs: HORIZON_MS,
        start: (url, release) => this.#start(url, release),
        setAside: (url, waitMs) => this.#setAside(url, waitMs),
      });
    const { pool, plainPool = pool } = deps;
    this.#lane = laneIn(pool);
    this.#plainLane = plainPool === pool ? this.#lane : laneIn(plainPool);
    this.#urls = chunks.flatMap((chunk, index) => sweptUrlsOf(chunk, index * CHUNK_URLS, except));
    this.#gate = first.isCapped === true ? this.#openGate(batchId) : undefined;
  }

  /** Whether what the batch may cost is limited. */
  get isCapped(): boolean {
    return this.#gate !== undefined;
  }

  /** Whether it has come to its end because the credits of the batch are used up, so that the batch is paused now. */
  get isOutOfCredits(): boolean {
    return this.#isOutOfCredits;
  }

  /** URLs that have not ended. */
  get rest(): readonly SweptUrl[] {
    return this.#urls.filter(({ isEnded }) => !isEnded);
  }

  /**
   * Resolves when nothing is due within the horizon and everything that was fetched is durable.
   * Rejects when something cannot be made durable, or with the reason of `stop`; then all fetches are aborted.
   */
  async run(): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#settle = { resolve, reject };
        this.#open = 1; // keeps the sweep open until all URLs are scheduled
        for (const url of this.#urls) this.#schedule(url);
        this.#untried = this.#open - 1;
        this.#close();
      });
      await this.#gate?.close();
    } catch (error) {
      this.#fetching.abort(error);
      this.#gate?.stop();
      throw error;
    } finally {
      this.drain();
      this.#lane.close();
      if (this.#plainLane !== this.#lane) this.#plainLane.close();
    }
  }

  /** Stops starting fetches; `run` resolves when those in flight are durable. */
  drain(): void {
    this.#isDraining = true;
    this.#open -= this.#lane.clear() + this.#retries.size + (this.#gate?.clear() ?? 0);
    if (this.#plainLane !== this.#lane) this.#open -= this.#plainLane.clear();
    this.#retries.forEach((timer) => clearTimeout(timer));
    this.#retries.clear();
    this.#settleWhenDone();
  }

  /** Aborts all fetches and makes `run` reject with `reason`. */
  stop(reason: unknown): void {
    this.#settle?.reject(reason);
  }

  /** Keeps to what was asked of the batch meanwhile. */
  heed({ isCapped, maxPerHost }: BatchState): void {
    this.#lane.limitPerHost(maxPerHost);
    if (this.#plainLane !== this.#lane) this.#plainLane.limitPerHost(maxPerHost);
    // What it starts now would not be covered by the cap; the next sweep asks before it starts something.
    if (isCapped && this.#chunks[0]?.isCapped !== true) this.drain();
  }

  /** Stops fetching a URL whose job was ended by somebody else. */
  forget(place: number): void {
    const url = this.#urls.find((each) => each.place === place);
    if (url === undefined) return;
    url.isEnded = true;
    url.interrupt?.(new DOMException('the job has been ended', 'AbortError'));
  }

  #schedule(url: SweptUrl): void {
    const waitMs = url.nextAttemptAtMs - Date.now();
    if (this.#isDraining || waitMs > HORIZON_MS || url.nextAttemptAtMs > this.#retryUntilMs) return;
    this.#open += 1;
    if (waitMs <= 0) return this.#enqueue(url);
    const timer = setTimeout(() => {
      this.#retries.delete(timer);
      this.#enqueue(url);
    }, waitMs);
    this.#retries.add(timer);
  }

  /** Queues a URL that is due, once its price is covered. */
  #enqueue(url: SweptUrl): void {
    if (this.#gate === undefined) this.#add(url);
    else this.#gate.add(url);
  }

  #openGate(batchId: string): CreditGate<SweptUrl> {
    return new CreditGate<SweptUrl>({
      batchId,
      chunks: this.#chunks.map(({ chunk }) => chunk),
      reserve: this.#deps.reserveCredits,
      costOf: (url) => {
        const { chunkNumber = 0, price } = this.#jobOf(url);
        return { chunk: chunkNumber, price };
      },
      onCovered: (url) => this.#add(url),
      onPaused: () => {
        this.#isOutOfCredits = true;
        this.drain();
      },
    });
  }

  #add(url: SweptUrl): void {
    const { apiParams = {} } = url.options ?? this.#chunks[0]?.options ?? {};
    const lane = this.#plainLane === this.#lane || needsBrowser(apiParams) ? this.#lane : this.#plainLane;
    lane.add(hostOf(url.url), url);
  }

  #start(url: SweptUrl, release: () => void): void {
    this.#attempt(url, release)
      .catch((error: unknown) => {
        if (!url.isEnded) this.#settle?.reject(error);
      })
      .finally(() => this.#close());
  }

  /** Leaves a URL to the next sweep, because its host must not be asked for `waitMs`. */
  #setAside(url: SweptUrl, waitMs: number): void {
    url.nextAttemptAtMs = Date.now() + waitMs;
    this.#gate?.putBack(url);
    this.#noteTried(url);
    this.#close();
  }

  /** Counts one open URL less, and ends the sweep with the last one. */
  #close(): void {
    this.#open -= 1;
    this.#settleWhenDone();
  }

  #settleWhenDone(): void {
    if (this.#open === 0) this.#settle?.resolve();
    // Nothing of this sweep will come that could share a segment with what lingers, or not before that is durable.
    else if (this.#open === this.#committing || this.#gate?.isHeldUpBy(this.#committing) === true)
      this.#deps.committer.hurry();
  }

  async #whenDurable(commit: Commit): Promise<IsApplied> {
    this.#committing += 1;
    try {
      const isApplied = this.#deps.committer.commit(commit, 'lingering');
      this.#settleWhenDone();
      return await isApplied;
    } finally {
      this.#committing -= 1;
    }
  }

  async #attempt(url: SweptUrl, release: () => void): Promise<void> {
    let releasePage: (() => void) | undefined;
    let end: (() => void) | undefined;
    try {
      if (url.isEnded) {
        this.#gate?.putBack(url);
        return this.#noteTried(url);
      }
      const job = this.#jobOf(url);
      end = this.#deps.firstFetches.begin(job);
      const startedAtMs = performance.now();
      const attempt = await this.#deps.attemptJob(job, {
        attempt: url.attempts + 1,
        signal: this.#fetching.signal,
        onStart: (interrupt) => (url.interrupt = interrupt),
      });
      url.interrupt = undefined;
      if (attempt.kind === 'page') releasePage = attempt.page.release;
      const durable = this.#commit(url, job, judgeOutcome(attempt, job, new Date()), performance.now() - startedAtMs);
      // The slot is given back before the commit, because it is for fetching. It is held only while commits do not keep up, so that
      // the pages that wait for them are bounded.
      if (!this.#deps.committer.isBacklogged) release();
      await durable;
      this.#noteTried(url);
      if (!url.isEnded) this.#schedule(url);
    } finally {
      release();
      releasePage?.();
      end?.();
    }
  }

  #jobOf(url: SweptUrl): StoredJob {
    const { chunk: index, place } = chunkPlaceOf(url.place);
    const chunk = this.#chunks[index];
    if (chunk === undefined) throw new RangeError(`place ${url.place} is in none of the chunks`);
    return jobOfMember(chunk, { ...url, place });
  }

  #noteTried(url: SweptUrl): void {
    if (url.isTried) return;
    url.isTried = true;
    this.#untried -= 1;
    if (this.#untried === 0) this.#retryUntilMs = Date.now() + HORIZON_MS;
  }

  async #commit(url: SweptUrl, job: StoredJob, decision: Decision, durationMs: number): Promise<void> {
    const attempts = url.attempts + 1;
    const { commit, nextAttemptAt, tried } = commitOf(job, attempts, decision, Date.now(), durationMs);
    const isApplied = await this.#whenDurable(commit);
    // A page that somebody else has stored meanwhile may have been charged, so its price is not used again.
    if (decision.kind === 'finish') this.#gate?.spend(url);
    else this.#gate?.putBack(url);
    // What was not applied had been ended by somebody else: that ending stands.
    if (nextAttemptAt === undefined || !isApplied) url.isEnded = true;
    else Object.assign(url, { attempts, nextAttemptAtMs: nextAttemptAt.getTime() });
    if (decision.kind === 'retry') Object.assign(url, { strikes: decision.strikes, tried });
  }
}
