import type { BatchLines } from '../jobs/batch-lines';
import { isOnlySwept } from '../jobs/batch-options';
import type { BatchOptions } from '../jobs/batch-options';
import type { FanOut, AcceptedOptions } from '../jobs/job-options';
import { needsBrowser } from '../jobs/needs-browser';
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

/** A batch whose URLs have been priced. */
export interface PricedBatch extends NewBatch {
  /** Indices of the URLs whose price is over their `max_cost`. Their copies are not among them. */
  readonly overMaxCost: readonly number[];
  /** Whether a browser loads the page of any of its URLs. */
  readonly isRendered: boolean;
}

/** Makes the row of a batch and its manifest, with every URL priced by the list. A copy costs nothing. */
export function newBatch(
  { priceList, fanOutOf }: NewBatchDeps,
  request: CheckedRequest & {
    readonly urls: readonly string[];
    readonly batchOptions: BatchOptions;
    readonly lines?: BatchLines | undefined;
  },
): PricedBatch {
  const { id, apiKeyId, urls, options, batchOptions, createdAt, lines } = request;
  const common = options.apiParams ?? {};
  const paramsOf = (index: number) => lines?.effective[index]?.apiParams ?? common;
  const copiesOf = batchOptions.dedupe === true ? copiesIn(urls, lines) : undefined;
  const prices = urls.map((url, index) =>
    copiesOf?.[index] === undefined ? priceList.priceOf(url, paramsOf(index)) : 0,
  );
  const hasRenderedLines = [...new Set(lines?.effective.map(({ apiParams }) => apiParams))].some(needsBrowser);
  return {
    ...{ id, apiKeyId, urls, options, createdAt, prices, copiesOf, hasRenderedLines },
    fanOut: batchOptions.fanOut ?? (isOnlySwept(batchOptions) ? 'sweep' : fanOutOf(urls.length)),
    deadlineAt: deadlineAfter(createdAt, options.timeoutSec),
    onDoneUrl: batchOptions.onDone?.url,
    name: batchOptions.name ?? undefined,
    tags: batchOptions.tags ?? undefined,
    maxCredits: batchOptions.maxCredits ?? undefined,
    maxPerHost: batchOptions.maxPerHost ?? undefined,
    dedupe: batchOptions.dedupe === true,
    clientIds: lines?.clientIds,
    lineOptions: lines?.options,
    overMaxCost: prices.flatMap((price, index) => (price > (paramsOf(index).max_cost ?? Infinity) ? [index] : [])),
    isRendered: lines === undefined ? needsBrowser(common) : hasRenderedLines,
  };
}

/** For each URL the index of the first one that is equal to it, unless it is the first itself. */
function copiesIn(urls: readonly string[], lines: BatchLines | undefined): (number | undefined)[] {
  const firsts = new Map<string | undefined, Map<string, number>>();
  return urls.map((url, index) => {
    const fingerprint = lines?.effective[index]?.fingerprint;
    const ofOptions = firsts.get(fingerprint) ?? new Map<string, number>();
    firsts.set(fingerprint, ofOptions);
    const first = ofOptions.get(url);
    if (first === undefined) ofOptions.set(url, index);
    return first;
  });
}
