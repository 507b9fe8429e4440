import type { BatchOptions, FanOut, AcceptedOptions } from '../jobs/job-options';
import type { PriceList } from '../jobs/prices';
import { deadlineAfter } from '../jobs/time-limits';
import type { NewBatch } from './batches';
import type { NewJob } from './jobs';

/** A checked request, whether it came over HTTP or from a Temporal client. */
interface CheckedRequest {
  readonly id: string;
  readonly apiKeyId: string;
  readonly options: AcceptedOptions;
  readonly createdAt: Date;
}

/** Makes the row of a job: priced by the list, and tried until its `timeoutSec` is over. */
export function newJob(priceList: PriceList, request: CheckedRequest & { readonly url: string }): NewJob {
  const { id, apiKeyId, url, options, createdAt } = request;
  return {
    ...{ id, apiKeyId, url, options, createdAt },
    price: priceList.priceOf(url, options.apiParams ?? {}),
    deadlineAt: deadlineAfter(createdAt, options.timeoutSec),
  };
}

export interface NewBatchDeps {
  readonly priceList: PriceList;
  /** Chooses how a batch with this number of URLs is fetched, if it does not say so itself. */
  readonly fanOutOf: (urls: number) => FanOut;
}

/** Makes the row of a batch and its manifest, with every URL priced by the list. */
export function newBatch(
  { priceList, fanOutOf }: NewBatchDeps,
  request: CheckedRequest & { readonly urls: readonly string[]; readonly batchOptions: BatchOptions },
): NewBatch {
  const { id, apiKeyId, urls, options, batchOptions, createdAt } = request;
  const params = options.apiParams ?? {};
  return {
    ...{ id, apiKeyId, urls, options, createdAt },
    prices: urls.map((url) => priceList.priceOf(url, params)),
    fanOut: batchOptions.fanOut ?? fanOutOf(urls.length),
    deadlineAt: deadlineAfter(createdAt, options.timeoutSec),
    onDoneUrl: batchOptions.onDone?.url,
  };
}
