import type {
  ApiParams,
  CancelledJob,
  CreateBatchQuery,
  FailedJob,
  FinishedJob,
  JobFields,
  RetryFailedOfBatchBody,
} from './api-types';

export interface CallOptions {
  /** Ends the call, whatever it is doing, and frees its connection. */
  readonly signal?: AbortSignal | undefined;
}

export interface SubmitOptions extends CallOptions {
  /** The same key within 24 hours gives the first answer again. @default a new one, so that a retry submits nothing twice */
  readonly idempotencyKey?: string | undefined;
}

/** One URL with its options. */
export interface JobSubmission extends JobFields {
  readonly url: string;
}

type Receiver = string | { readonly url: string };

/** Fields of a batch, and options that all of its lines have unless they have their own. */
export interface BatchFields extends Pick<
  CreateBatchQuery,
  'name' | 'maxCredits' | 'maxPerHost' | 'dedupe' | 'fanOut' | 'expectUnsuccessReport'
> {
  readonly tags?: readonly string[] | undefined;
  /** Is called once, when all URLs have ended. */
  readonly onDone?: Receiver | undefined;
  /** Is called for each URL. */
  readonly callback?: Receiver | undefined;
  readonly timeoutSec?: number | undefined;
  readonly apiParams?: ApiParams | undefined;
}

/** A job that has ended, with its page. When `fields` were asked for, it has only those. */
export type ResultLine = (FinishedJob | FailedJob | CancelledJob) & {
  /** Results go on behind this line when it is given as `cursor`. */
  readonly cursor: string;
};

/** Which failed URLs are tried again; all when nothing is given. */
export type RetryFilter = Omit<RetryFailedOfBatchBody, 'dryRun' | 'ifCount'>;
