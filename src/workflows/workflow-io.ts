import type { ChunkEnding, ChunkRange } from '../jobs/chunk-range';
import type { FailReason } from '../jobs/fail-reasons';
import type { FanOut } from '../jobs/job-options';
import type { BrowserParams } from '../jobs/needs-browser';

/**
 * Arguments and results of workflows and activities: single small JSON objects. This file holds only types, because workflow code
 * is bundled separately. Temporal clients import them from the package.
 */

/**
 * The whole request of a Temporal client: the body of `POST /jobs` without the API key. It is visible in the Web UI. As in HTTP,
 * parameters may stand beside `apiParams`; those for a browser are declared here, because the workflow reads them.
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

/** Input of `scrapeJob`. The service sends `jobId` and a deadline, because the rest is in its rows; a client sends the request. */
export interface ScrapeJobInput extends ScrapeRequest {
  readonly jobId?: string;
  /** Milliseconds since the epoch. */
  readonly deadlineAtMs?: number;
  /** When the next attempt is due, if a sweep has tried the job before; ms since the epoch. */
  readonly startAtMs?: number;
  /**
   * True when a browser loads the page, so that it is fetched on the queue of workers that have one. Clients leave it out; their
   * parameters tell.
   */
  readonly isRendered?: boolean;
  /** Only for a URL of a batch: its round, as in {@link ChunkRange}. */
  readonly round?: number;
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

/** Input of `scrapeBatch`: a stored batch, or the whole request of a Temporal client. */
export interface ScrapeBatchInput extends Omit<ScrapeRequest, 'url'> {
  readonly batchId?: string;
  readonly chunks?: number;
  readonly deadlineAtMs?: number;
  readonly isRendered?: boolean;
  /** How many times its failed URLs had been given their time once more. @default 0 */
  readonly round?: number;
  readonly fanOut?: FanOut;
  /** Receiver that is called once, when all URLs of the batch have ended. */
  readonly onDone?: { readonly type: 'webhook'; readonly url: string };
  readonly name?: string;
  readonly tags?: readonly string[];
  /** Most credits that it may cost. */
  readonly maxCredits?: number;
  /** Most fetches in flight to one host, of this batch. */
  readonly maxPerHost?: number;
  /** Whether URLs that are given twice are fetched once. */
  readonly dedupe?: boolean;
  /** Sent by the service only: its public address, for links to the dashboard. */
  readonly publicUrl?: string;
  /** Sent by Temporal clients only. All URLs together have to stay under 2 MiB, Temporal's payload limit. */
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
  /** Public address of the service, for links to the dashboard. */
  readonly publicUrl?: string;
}

/** Part of a chunk that runs a workflow per URL. Large chunks are divided, so that no history grows beyond bounds. */
export interface ScrapePartInput {
  readonly batchId: string;
  readonly chunk: number;
  readonly deadlineAtMs: number;
  readonly isRendered?: boolean;
  readonly publicUrl?: string;
  readonly round?: number;
  /** 0-based place in the chunk. */
  readonly fromPlace: number;
}

/** Input of one sweep. Places are counted from the first URL of its first chunk. */
export interface SweepInput extends ChunkRange {
  readonly deadlineAtMs: number;
  /** Places of the URLs that have a workflow of their own by now. */
  readonly except: readonly number[];
}

export interface PromotableUrl {
  readonly place: number;
  readonly jobId: string;
  /** URL, shortened for display. */
  readonly url: string;
  /** Its host. Undefined in what versions before 0.3.0 have returned. */
  readonly host?: string;
  /** When its next attempt is due, ms since the epoch. */
  readonly startAtMs: number;
}

/** What a sweep leaves to do. What it fetched is in the rows. */
export interface SweepRest {
  /** Number of URLs that have not ended, without the excepted ones. */
  readonly unfinished: number;
  /** When most of them are due again, ms since the epoch. */
  readonly nextAtMs?: number;
  /** Counts of all URLs in the range, also of those with a workflow of their own. */
  readonly counts?: ChunkEnding;
  /** True when nothing is fetched because the batch is paused, or is being cancelled. */
  readonly isPaused?: boolean;
  /** The few URLs that are in lasting trouble and deserve a workflow of their own. */
  readonly promotable: readonly PromotableUrl[];
}

export interface DeliverWebhooksInput {
  readonly endpointId: string;
}

/** A job, with the request to create it from when a Temporal client started its workflow. */
export interface JobRef {
  readonly jobId: string;
  readonly request?: ScrapeRequest;
  readonly deadlineAtMs?: number;
  /** First run of the start. It tells a retry or a reset from another start under the same workflow id. */
  readonly startRunId?: string;
  /** Only for a URL of a batch: its round, as in {@link ChunkRange}. */
  readonly round?: number;
}

/** How a workflow ends a job that `scrape` did not end. */
export interface EndWithout {
  readonly status: 'failed' | 'cancelled';
  readonly failReason?: FailReason;
}

/** The activities that workers run for workflows; `activities/` implements them. */
export interface Activities {
  /** Makes one attempt. It resolves when the job has ended and that is recorded, and throws when Temporal has to retry it. */
  scrape(input: JobRef): Promise<JobEnding>;
  /** Creates the row of a job that a Temporal client started, or reads it, and tells what its fetch needs. */
  openJob(input: JobRef): Promise<OpenedJob>;
  /** Ends a job that `scrape` could not end. */
  recordEnding(input: JobRef & { readonly end: EndWithout }): Promise<JobEnding>;
  /** Creates the rows of a batch that a Temporal client started, or reads those of a stored one. */
  openBatch(input: {
    readonly batchId: string;
    readonly request?: Omit<ScrapeBatchInput, 'batchId'>;
    readonly startedAtMs: number;
    /** First run of the start, as in {@link JobRef}. */
    readonly startRunId?: string;
  }): Promise<OpenedBatch>;
  /** Fetches every due URL of a range of chunks, and those again that come due soon. */
  sweep(input: SweepInput): Promise<SweepRest>;
  /** Records that all URLs of a batch have ended. */
  endBatch(input: {
    readonly batchId: string;
    readonly isCancelled?: boolean;
    readonly round?: number;
  }): Promise<BatchEnding>;
  /** Lists the members of a chunk that have not ended, at most 100 per call, with URLs shortened for display. */
  listChunk(input: {
    readonly batchId: string;
    readonly chunk: number;
    readonly fromPlace: number;
    readonly round?: number;
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
  /** True when a browser loads its pages; undefined for a batch that the service has stored. */
  readonly isRendered?: boolean;
  readonly chunks: number;
  readonly fanOut: FanOut;
  readonly deadlineAtMs: number;
  readonly round?: number;
}

export interface ChunkPage {
  readonly members: readonly { readonly jobId: string; readonly url: string; readonly host?: string }[];
  readonly nextPlace?: number;
}
