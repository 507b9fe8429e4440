import type {
  AcceptedJob,
  Batch,
  BatchLine,
  BatchPage,
  ChangeBatchBody,
  FailureClusters,
  Job,
  JobPage,
  ListBatchJobsQuery,
  ListBatchesQuery,
  ListJobsQuery,
  RetryFailedOfBatchBody,
  RetryPreview,
} from './api-types';
import { lineOf, queryOf } from './batch-fields';
import type { Item, Listing } from './calls';
import { checkedKey, checkedUrl, defaults } from './defaults';
import { eventsOf } from './events';
import { newIdempotencyKey } from './idempotency-key';
import { InstallationCalls } from './installation-calls';
import type { Listed } from './pages';
import { batchPath, jobPath } from './paths';
import type { BatchFields, CallOptions, JobSubmission, ResultLine, RetryFilter, SubmitOptions } from './requests';
import { resultsOf } from './results';
import type { ResultsOptions } from './results';
import { submitMany } from './submit-many';
import type { SubmitManyOptions } from './submit-many';
import { Transport } from './transport';
import type { Call } from './transport';
import { isBatchId, waitForBatch, waitForJob } from './wait';
import type { WaitOptions } from './wait';

export interface EverfetchOptions {
  /** Address of the service. @default `EVERFETCH_URL`, else `http://127.0.0.1:8080` */
  readonly url?: string | undefined;
  /** @default `EVERFETCH_API_KEY` */
  readonly apiKey?: string | undefined;
  /** @default that of the platform */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Sent with every call, for a proxy in front of the service. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** How long an answer may take, and a stream be silent (ms). @default 60000 */
  readonly timeoutMs?: number | undefined;
  /** How often a call is made again when that may help. @default 5 */
  readonly maxRetries?: number | undefined;
}

/** A client of everfetch's HTTP API. */
export class Everfetch extends InstallationCalls {
  constructor(options: EverfetchOptions = {}) {
    const { url, apiKey } = defaults();
    const transport = new Transport({
      url: checkedUrl(options.url ?? url),
      apiKey: checkedKey(options.apiKey ?? apiKey),
      fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
      headers: options.headers ?? {},
      timeoutMs: options.timeoutMs ?? 60_000,
      maxRetries: options.maxRetries ?? 5,
    });
    super(transport);
  }

  /**
   * Any call of the API, with the key, the retries and the errors of all others. Read the body of the answer, or cancel it.
   * @param path begins with a slash
   */
  async request(
    method: Call['method'],
    path: string,
    options: CallOptions & Pick<Call, 'query' | 'json'> = {},
  ): Promise<Response> {
    return (await this.transport.open({ method, path, ...options })).asResponse();
  }

  /** Submits a URL. The answer means that the job is stored on disk. */
  submit(job: string | JobSubmission, options?: SubmitOptions): Promise<AcceptedJob> {
    return this.#submit({ path: '/jobs', json: submissionOf(job) }, options);
  }

  /** Submits a URL and waits for its page; a job that takes longer than `waitSec` (1 to 120) is answered as it is then. */
  scrape(
    job: string | JobSubmission,
    { waitSec = 70, ...options }: SubmitOptions & { readonly waitSec?: number | undefined } = {},
  ): Promise<Job> {
    const extraMs = waitSec * 1_000;
    return this.#submit({ path: '/scrape', query: { wait: waitSec }, json: submissionOf(job), extraMs }, options);
  }

  /** Submits up to 50,000 lines as one batch. */
  submitBatch(lines: Iterable<string | BatchLine>, fields?: BatchFields, options?: SubmitOptions): Promise<Batch> {
    return this.#submitLines([...lines].map(lineOf).join(''), fields, options);
  }

  /** Submits any number of lines, as batches of up to 50,000, each when the one before has been taken. */
  submitMany(
    lines: Iterable<string | BatchLine> | AsyncIterable<string | BatchLine>,
    fields?: BatchFields,
    options: SubmitManyOptions = {},
  ): AsyncGenerator<Batch, void, undefined> {
    return submitMany((text, ownOptions) => this.#submitLines(text, fields, ownOptions, true), lines, options);
  }

  /** With `response: false` without its page; with `attempts: true` also what was tried. */
  job(
    id: string,
    options?: CallOptions & { readonly response?: boolean | undefined; readonly attempts?: boolean | undefined },
  ): Promise<Job> {
    return this.call('GET', jobPath(id), options);
  }

  /** The page as the target sent it. Read the body, or cancel it. */
  body(id: string, options?: CallOptions): Promise<Response> {
    return this.answer(jobPath(id, '/body'), options);
  }

  /** The picture of a page that was loaded with the option `screenshot`, as PNG. Read the body, or cancel it. */
  screenshot(id: string, options?: CallOptions): Promise<Response> {
    return this.answer(jobPath(id, '/screenshot'), options);
  }

  cancelJob(id: string, options?: CallOptions): Promise<Job> {
    return this.call('DELETE', jobPath(id), options);
  }

  /** Removes a job that has ended, with its page. */
  forgetJob(id: string, options?: CallOptions): Promise<void> {
    return this.call('DELETE', jobPath(id, '?purge=true'), options);
  }

  batch(id: string, options?: CallOptions): Promise<Batch> {
    return this.call('GET', batchPath(id), options);
  }

  batches(filter?: Listing<ListBatchesQuery>): Listed<Item<BatchPage>> {
    return this.listed('/batches', filter);
  }

  jobs(filter?: Listing<ListJobsQuery>): Listed<Item<JobPage>> {
    return this.listed('/jobs', filter);
  }

  /** In the order in which they were submitted. */
  batchJobs(id: string, filter?: Listing<ListBatchJobsQuery>): Listed<Item<JobPage>> {
    return this.listed(batchPath(id, '/jobs'), filter);
  }

  pause(id: string, options?: CallOptions): Promise<Batch> {
    return this.#control(id, '/pause', options);
  }

  resume(id: string, options?: CallOptions): Promise<Batch> {
    return this.#control(id, '/resume', options);
  }

  /** What is finished stays. */
  cancel(id: string, options?: CallOptions): Promise<Batch> {
    return this.#control(id, '/cancel', options);
  }

  /** Tries the failed URLs of a batch again; with `dryRun` it only tells how many these are. */
  retryFailed(id: string, filter: Listing<RetryFilter> & { readonly dryRun: true }): Promise<RetryPreview>;
  retryFailed(
    id: string,
    filter?: Listing<RetryFilter> & { readonly dryRun?: false; readonly ifCount?: number | undefined },
  ): Promise<Batch>;
  retryFailed(id: string, { signal, ...filter }: Listing<RetryFailedOfBatchBody> = {}): Promise<Batch | RetryPreview> {
    return this.call('POST', batchPath(id, '/retry-failed'), { signal }, filter, filter.dryRun);
  }

  updateBatch(id: string, patch: ChangeBatchBody, options?: CallOptions): Promise<Batch> {
    return this.call('PATCH', batchPath(id), options, patch);
  }

  /** Removes a batch with its jobs and pages. One that runs has to be cancelled first, which `cancel` does: it is answered then. */
  forgetBatch(
    id: string,
    options?: CallOptions & { readonly cancel?: boolean | undefined },
  ): Promise<Batch | undefined> {
    return this.call('DELETE', batchPath(id), options);
  }

  /** The results of a batch in the order in which its jobs ended. It goes on where it was when the connection breaks off. */
  results(id: string, options: ResultsOptions = {}): AsyncGenerator<ResultLine, void, undefined> {
    return resultsOf(this.transport, id, options);
  }

  /** The batch whenever it has changed, until it has ended. */
  events(id: string, options: CallOptions = {}): AsyncGenerator<Batch, void, undefined> {
    return eventsOf(this.transport, id, options);
  }

  /** Waits until a batch or a job has ended; a job then comes with its page. */
  wait(batch: Pick<Batch, 'id' | 'counts'>, options?: WaitOptions<Batch>): Promise<Batch>;
  wait(job: Pick<Job, 'id' | 'attempts'>, options?: WaitOptions<Job>): Promise<Job>;
  wait(id: string, options?: WaitOptions<Batch | Job>): Promise<Batch | Job>;
  wait(
    what: string | { readonly id: string },
    options: WaitOptions<Batch> & WaitOptions<Job> = {},
  ): Promise<Batch | Job> {
    const id = typeof what === 'string' ? what : what.id;
    return isBatchId(id) ? waitForBatch(this.transport, id, options) : waitForJob(this.transport, id, options);
  }

  /** All pages of a batch, or that of a job, as a WARC file. Read the body, or cancel it. */
  archive(id: string, options?: CallOptions): Promise<Response> {
    return this.answer((isBatchId(id) ? batchPath : jobPath)(id, '/archive.warc.gz'), options);
  }

  failures(batchId: string, options?: CallOptions): Promise<FailureClusters> {
    return this.call('GET', batchPath(batchId, '/failures'), options);
  }

  /** Asked for twice, these do the same as once. */
  #control(id: string, verb: string, options: CallOptions | undefined): Promise<Batch> {
    return this.call('POST', batchPath(id, verb), options, undefined, true);
  }

  #submitLines(text: string, fields: BatchFields = {}, options?: SubmitOptions, isPatient = false): Promise<Batch> {
    const headers = { 'content-type': 'application/x-ndjson' };
    return this.#submit({ path: '/batches', query: queryOf(fields), headers, body: text, isPatient }, options);
  }

  #submit<T>(
    call: Omit<Call, 'method'>,
    { idempotencyKey = newIdempotencyKey(), signal }: SubmitOptions = {},
  ): Promise<T> {
    const headers = { ...call.headers, 'idempotency-key': idempotencyKey };
    return this.transport.json({ ...call, method: 'POST', headers, signal, isRepeatable: true });
  }
}

const submissionOf = (job: string | JobSubmission): JobSubmission => (typeof job === 'string' ? { url: job } : job);
