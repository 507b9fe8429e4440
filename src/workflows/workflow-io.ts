import type { ChunkEnding, ChunkRange } from '../jobs/chunk-range';
import type { FailReason } from '../jobs/fail-reasons';
import type { FanOut } from '../jobs/job-options';
import type { BrowserParams } from '../jobs/needs-browser';

/**
 * What workflows and activities say to each other: single small JSON objects. Types only, because workflow code is
 * bundled apart. Programmatic clients import them from the package.
 */

/**
 * The whole request, as a programmatic client sends it: the body of `POST /jobs` without the key. It is visible in the Web UI.
 * As there, parameters may stand beside `apiParams`; those for a browser are named, because the workflow has to know them.
 */
export interface ScrapeRequest extends BrowserParams {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly callback?: { readonly type: 'webhook'; readonly url: string };
  readonly expectUnsuccessReport?: boolean;
  /** How long the job may keep trying, 1 … 86,400 s. @default 86400 */
  readonly timeoutSec?: number;
  readonly meta?: unknown;
  readonly apiParams?: Readonly<Record<string, unknown>>;
  readonly successWhen?: Readonly<Record<string, unknown>>;
}

/** Input of `scrapeJob`. The service sends `jobId` and a deadline, and the rest stays in its rows; a client sends the request. */
export interface ScrapeJobInput extends ScrapeRequest {
  readonly jobId?: string;
  /** Milliseconds since the epoch. */
  readonly deadlineAtMs?: number;
  /** When the next attempt of a job is due that a sweep has tried before, ms since the epoch. */
  readonly startAtMs?: number;
  /** By a browser: it is fetched on the queue of workers that have one. A client's request tells by its parameters. */
  readonly isRendered?: boolean;
}

/** Result of `scrapeJob`: how the job ended. The page is at `GET /jobs/<jobId>`. */
export interface JobEnding {
  readonly jobId: string;
  readonly status: 'finished' | 'failed' | 'cancelled';
  /** Fetches made. */
  readonly attempts: number;
  readonly statusCode?: number;
  readonly failReason?: FailReason;
}

/** Input of `scrapeBatch`: a stored batch, or the whole request of a programmatic client. */
export interface ScrapeBatchInput extends Omit<ScrapeRequest, 'url'> {
  readonly batchId?: string;
  readonly chunks?: number;
  readonly deadlineAtMs?: number;
  readonly isRendered?: boolean;
  readonly fanOut?: FanOut;
  /** Called once, when all URLs of the batch have ended. */
  readonly onDone?: { readonly type: 'webhook'; readonly url: string };
  /** Only from programmatic clients: all URLs together under 2 MiB, Temporal's payload limit. */
  readonly urls?: readonly string[];
}

/** Result of `scrapeBatch`. The three counts sum to `total`. */
export interface BatchEnding {
  readonly batchId: string;
  readonly total: number;
  readonly finished: number;
  readonly failed: number;
  readonly cancelled: number;
}

export interface ScrapeChunkInput extends ChunkRange {
  readonly deadlineAtMs: number;
  readonly fanOut: FanOut;
  readonly isRendered?: boolean;
}

/** Part of a chunk that runs a workflow per URL: large ones are divided, so that no history grows beyond bounds. */
export interface ScrapePartInput {
  readonly batchId: string;
  readonly chunk: number;
  readonly deadlineAtMs: number;
  readonly isRendered?: boolean;
  /** 0-based place in the chunk. */
  readonly fromPlace: number;
}

/** Input of one sweep. Places are counted from the first of its chunks. */
export interface SweepInput extends ChunkRange {
  readonly deadlineAtMs: number;
  /** Places that have a workflow of their own by now. */
  readonly except: readonly number[];
}

export interface PromotableUrl {
  readonly place: number;
  readonly jobId: string;
  /** Cut for display. */
  readonly url: string;
  /** When its next attempt is due, ms since the epoch. */
  readonly startAtMs: number;
}

/** What a sweep leaves behind. What it fetched is in the rows. */
export interface SweepRest {
  /** URLs that have not ended, without the excepted ones. */
  readonly unfinished: number;
  /** When most of them are due again, ms since the epoch. */
  readonly nextAtMs?: number;
  /** Of all its URLs, when nothing is left. */
  readonly counts?: ChunkEnding;
  /** The few URLs that are in lasting trouble and deserve a workflow of their own. */
  readonly promotable: readonly PromotableUrl[];
}

export interface DeliverWebhooksInput {
  readonly endpointId: string;
}

/** A job and where to create it from, when a programmatic client started its workflow. */
export interface JobRef {
  readonly jobId: string;
  readonly request?: ScrapeRequest;
  readonly deadlineAtMs?: number;
  /** First run of the start that sends the request: it tells a retry or a reset from another start under the same id. */
  readonly startRunId?: string;
}

/** Why a workflow ends a job that `scrape` did not end. */
export interface EndWithout {
  readonly status: 'failed' | 'cancelled';
  readonly failReason?: FailReason;
}

/** What the worker runs for workflows. Implemented in `activities/`. */
export interface Activities {
  /** One attempt. Resolves when the job has ended and is recorded; throws to be tried again. */
  scrape(input: JobRef): Promise<JobEnding>;
  /** Creates the row of a job that a programmatic client started, or reads it, and tells what its fetch needs. */
  openJob(input: JobRef): Promise<OpenedJob>;
  /** Ends a job that `scrape` could not end. */
  recordEnding(input: JobRef & { readonly end: EndWithout }): Promise<JobEnding>;
  /** Creates the rows of a batch that a programmatic client started, or reads those of a stored one. */
  openBatch(input: {
    readonly batchId: string;
    readonly request?: Omit<ScrapeBatchInput, 'batchId'>;
    readonly startedAtMs: number;
    /** As of a {@link JobRef}. */
    readonly startRunId?: string;
  }): Promise<OpenedBatch>;
  /** Fetches every due URL of a range of chunks, and again those that come due soon. */
  sweep(input: SweepInput): Promise<SweepRest>;
  /** Notes that all URLs have ended. */
  endBatch(input: { readonly batchId: string; readonly isCancelled?: boolean }): Promise<BatchEnding>;
  /** Members of a chunk that have not ended; at most 100 a call, URLs cut for display. */
  listChunk(input: {
    readonly batchId: string;
    readonly chunk: number;
    readonly fromPlace: number;
  }): Promise<ChunkPage>;
  countChunk(input: ChunkRange): Promise<ChunkEnding>;
  /** Ends every member that has not ended. */
  closeChunk(input: ChunkRange & { readonly end: EndWithout }): Promise<ChunkEnding>;
  /** Makes the calls of a receiver that are due. */
  deliver(input: DeliverWebhooksInput): Promise<{ readonly nextAtMs?: number }>;
  purge(): Promise<{ readonly segmentHours: number }>;
}

export interface OpenedJob {
  readonly isRendered: boolean;
}

export interface OpenedBatch {
  /** What its fetches need; not known of a batch that the service has stored. */
  readonly isRendered?: boolean;
  readonly chunks: number;
  readonly fanOut: FanOut;
  readonly deadlineAtMs: number;
}

export interface ChunkPage {
  readonly members: readonly { readonly jobId: string; readonly url: string }[];
  readonly nextPlace?: number;
}
