import type { Database, Queryable } from '../store/database';
import { createOpenPage } from './open-page';
import type { PageDamagedError } from './undamaged';
import { createReadScreenshot } from './read-screenshot';
import { viewOf } from './segments/segment-store';
import type { SegmentEntry, SegmentStore } from './segments/segment-store';
import { isStillStored, storedPages } from '../store/stored-pages';
import type { SegmentRange, StoredPage } from '../store/stored-pages';

/** A fault in the segments or rows. Bytes without a job are none: a crash leaves them, and they go with their hour. */
export type Finding =
  | {
      readonly kind: 'missing' | 'damaged';
      readonly jobId: string;
      readonly segment: string;
      readonly offset: number;
      readonly length: number;
      readonly reason: string;
    }
  | { readonly kind: 'orphan'; readonly segment: string; readonly offset: number; readonly length: number };

export interface VerifiedCounts {
  segments: number;
  pages: number;
  screenshots: number;
  missing: number;
  damaged: number;
  orphans: number;
  orphanBytes: number;
}

export interface VerifyDeps {
  readonly database: Database;
  readonly segments: SegmentStore;
  readonly range: SegmentRange;
  readonly onFinding: (finding: Finding) => Promise<void>;
  /** @default the present */
  readonly nowMs?: number;
}

/** Age below which segments are not checked (ms), because their rows may not have been committed when the rows were listed. */
const YOUNG_MS = 5 * 60_000;

/**
 * Walks segments and rows side by side, in the order of their keys, and checks every page and screenshot as readers do. It changes
 * nothing, may run beside the service, and has one segment of at most 16 MB, or one part of a larger one, in memory.
 */
export async function verifyPages(deps: VerifyDeps): Promise<VerifiedCounts> {
  const { segments, range } = deps;
  return deps.database.transaction(async (tx) => {
    await tx.query('set transaction isolation level read committed, read only');
    // Streams of results wait for the oldest transaction of that name (`findEndedHorizon`), and this one must not hold them up.
    await tx.query("set local application_name = 'everfetch verify'");
    await tx.query('set local statement_timeout = 0');
    await tx.query('set local idle_in_transaction_session_timeout = 0'); // a bucket may be slow
    const walk = new Walk(deps, tx);
    const pages = storedPages(tx, range);
    let next = await nextOf(pages);
    for await (const entry of entriesOf(segments, range)) {
      // These rows are before this segment: their own is not listed, so it is gone.
      for (; next !== undefined && next.page.segment < entry.key; next = await nextOf(pages)) await walk.check(next);
      walk.enter(entry);
      for (; next?.page.segment === entry.key; next = await nextOf(pages)) await walk.check(next);
      await walk.leave();
    }
    for (; next !== undefined; next = await nextOf(pages)) await walk.check(next);
    return walk.counts;
  });
}

async function nextOf(pages: AsyncGenerator<StoredPage>): Promise<StoredPage | undefined> {
  const next = await pages.next();
  return next.done === true ? undefined : next.value;
}

async function* entriesOf(segments: SegmentStore, { from = '', to }: SegmentRange): AsyncGenerator<SegmentEntry> {
  for (const hour of await segments.listHours())
    if (hour >= from && (to === undefined || hour < to)) yield* segments.listSegments(hour);
}

/** The walk itself. It holds its position in the open segment, up to which rows cover it. */
class Walk {
  readonly counts: VerifiedCounts = {
    ...{ segments: 0, pages: 0, screenshots: 0, missing: 0, damaged: 0, orphans: 0, orphanBytes: 0 },
  };
  readonly #deps: VerifyDeps;
  readonly #tx: Queryable;
  readonly #youngFromMs: number;
  #entry: SegmentEntry | undefined;
  #view: SegmentStore;
  #coveredBytes = 0;
  /** Where the page is that was checked last. */
  #place: string | undefined;

  constructor(deps: VerifyDeps, tx: Queryable) {
    this.#deps = deps;
    this.#tx = tx;
    this.#view = deps.segments;
    this.#youngFromMs = (deps.nowMs ?? Date.now()) - YOUNG_MS;
  }

  enter(entry: SegmentEntry): void {
    this.#entry = entry;
    this.#view = viewOf(this.#deps.segments, entry);
    this.#coveredBytes = 0;
    this.counts.segments += 1;
  }

  async leave(): Promise<void> {
    // A segment without a byte is covered by no row, but it is there all the same.
    if (this.#entry !== undefined) await this.#passOver(this.#entry.bytes, { isEmpty: this.#entry.bytes === 0 });
    this.#entry = undefined;
    this.#view = this.#deps.segments;
  }

  async check(stored: StoredPage): Promise<void> {
    const { segment, offset, length, screenshotLength } = stored.page;
    // The jobs of equal URLs share a page, and their rows follow each other.
    const place = `${segment} ${offset}`;
    if (place === this.#place) return;
    this.#place = place;
    if (this.#entry !== undefined) await this.#passOver(offset);
    this.#coveredBytes = Math.max(this.#coveredBytes, offset + length + (screenshotLength ?? 0));
    this.counts.pages += 1;
    await this.#checkOne(stored, (segments) => createOpenPage(segments)(stored));
    if (screenshotLength === undefined) return;
    this.counts.screenshots += 1;
    await this.#checkOne(stored, (segments) => createReadScreenshot(segments)(stored));
  }

  /** Reads a record that looks damaged in a segment that was read as a whole once more by itself. */
  async #checkOne(stored: StoredPage, read: (segments: SegmentStore) => Promise<unknown>): Promise<void> {
    const error = (await damageOf(() => read(this.#view))) && (await damageOf(() => read(this.#deps.segments)));
    if (error === undefined || !(await isStillStored(this.#tx, stored))) return;
    const kind = error.isMissing ? 'missing' : 'damaged';
    this.counts[kind] += 1;
    await this.#deps.onFinding({ kind, ...error.place, reason: (error.cause as Error).message });
  }

  /** Goes on to the byte `to`, and reports what lies before it without a row. */
  async #passOver(to: number, { isEmpty = false } = {}): Promise<void> {
    const { key, bytes, writtenAt } = this.#entry ?? fail('not in a segment');
    const from = this.#coveredBytes;
    const length = Math.min(to, bytes) - from;
    if (length < 0 || (length === 0 && !isEmpty) || writtenAt.getTime() > this.#youngFromMs) return;
    this.counts.orphans += 1;
    this.counts.orphanBytes += length;
    await this.#deps.onFinding({ kind: 'orphan', segment: key, offset: from, length });
  }
}

async function damageOf(read: () => Promise<unknown>): Promise<PageDamagedError | undefined> {
  try {
    await read();
    return undefined;
  } catch (error) {
    if ((error as Error).name === 'PageDamagedError') return error as PageDamagedError;
    throw error;
  }
}

function fail(message: string): never {
  throw new Error(message);
}
