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
  RetryPreview,
} from './api-types';
import { lineOf, queryOf } from './batch-fields';
import { seg } from './calls';
import type { Item, Listing } from './calls';
import { checkedKey, checkedUrl, defaults } from './defaults';
import { eventsOf } from './events';
import { newIdempotencyKey } from './idempotency-key';
import { InstallationCalls } from './installation-calls';
import type { Listed } from './pages';
import type { BatchFields, CallOptions, JobSubmission, ResultLine, RetryFilter, SubmitOptions } from './requests';
import { resultsOf } from './results';
import type { ResultsOptions } from './results';
import { submitMany } from './submit-many';
import type { SubmitManyOptions } from './submit-many';
import { Transport } from './transport';
import type { Call, Query } from './transport';
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
    { json, ...options }: CallOptions & { readonly query?: Query | undefined; readonly json?: unknown } = {},
  ): Promise<Response> {
    const body = json === undefined ? undefined : JSON.stringify(json);
    return (await this.transport.open({ method, path, body, ...options })).asResponse();
  }

  /** Submits a URL. The answer means that the job is stored on disk. */
  submit(job: string | JobSubmission, options: SubmitOptions = {}): Promise<AcceptedJob> {
    return this.#submit({ path: '/jobs', body: JSON.stringify(typeof job === 'string' ? { url: job } : job) }, options);
  }

  /** Submits a URL and waits for its page; a job that takes longer than `waitSec` (1 to 120) is answered as it is then. */
  scrape(
    job: string | JobSubmission,
    { waitSec = 70, ...options }: SubmitOptions & { readonly waitSec?: number | undefined } = {},
  ): Promise<Job> {
    const body = JSON.stringify(typeof job === 'string' ? { url: job } : job);
    return this.#submit({ path: '/scrape', query: { wait: waitSec }, body, extraMs: waitSec * 1_000 }, options);
  }

  /** Submits up to 50,000 lines as one batch. */
  submitBatch(
    lines: Iterable<string | BatchLine>,
    fields: BatchFields = {},
    options: SubmitOptions = {},
  ): Promise<Batch> {
    return this.#submitLines([...lines].map(lineOf).join(''), fields, options);
  }

  /** Submits any number of lines, as batches of up to 50,000, each when the one before has been taken. */
  submitMany(
    lines: Iterable<string | BatchLine> | AsyncIterable<string | BatchLine>,
    fields: BatchFields = {},
    options: SubmitManyOptions = {},
  ): AsyncGenerator<Batch, void, undefined> {
    return submitMany((text, ownOptions) => this.#submitLines(text, fields, ownOptions, true), lines, options);
  }

  /** With `response: false` without its page; with `attempts: true` also what was tried. */
  job(
    id: string,
    {
      signal,
      ...query
    }: CallOptions & { readonly response?: boolean | undefined; readonly attempts?: boolean | undefined } = {},
  ): Promise<Job> {
    return this.get(`/jobs/${seg(id)}`, query, signal);
  }

  /** The page as the target sent it. Read the body, or cancel it. */
  async body(id: string, { signal }: CallOptions = {}): Promise<Response> {
    return (await this.transport.open({ method: 'GET', path: `/jobs/${seg(id)}/body`, signal })).asResponse();
  }

  cancelJob(id: string, { signal }: CallOptions = {}): Promise<Job> {
    return this.transport.json({ method: 'DELETE', path: `/jobs/${seg(id)}`, signal });
  }

  /** Removes a job that has ended, with its page. */
  async forgetJob(id: string, { signal }: CallOptions = {}): Promise<void> {
    await this.transport.json({ method: 'DELETE', path: `/jobs/${seg(id)}`, query: { purge: true }, signal });
  }

  batch(id: string, { signal }: CallOptions = {}): Promise<Batch> {
    return this.get(`/batches/${seg(id)}`, {}, signal);
  }

  batches(filter: Listing<ListBatchesQuery> = {}): Listed<Item<BatchPage>> {
    return this.list('/batches', filter);
  }

  jobs(filter: Listing<ListJobsQuery> = {}): Listed<Item<JobPage>> {
    return this.list('/jobs', filter);
  }

  /** In the order in which they were submitted. */
  batchJobs(id: string, filter: Listing<ListBatchJobsQuery> = {}): Listed<Item<JobPage>> {
    return this.list(`/batches/${seg(id)}/jobs`, filter);
  }

  pause(id: string, options: CallOptions = {}): Promise<Batch> {
    return this.#control(id, 'pause', options);
  }

  resume(id: string, options: CallOptions = {}): Promise<Batch> {
    return this.#control(id, 'resume', options);
  }

  /** What is finished stays. */
  cancel(id: string, options: CallOptions = {}): Promise<Batch> {
    return this.#control(id, 'cancel', options);
  }

  /** Tries the failed URLs of a batch again; with `dryRun` it only tells how many these are. */
  retryFailed(id: string, filter: RetryFilter & CallOptions & { readonly dryRun: true }): Promise<RetryPreview>;
  retryFailed(
    id: string,
    filter?: RetryFilter & CallOptions & { readonly dryRun?: false; readonly ifCount?: number | undefined },
  ): Promise<Batch>;
  retryFailed(
    id: string,
    {
      signal,
      ...filter
    }: RetryFilter & CallOptions & { readonly dryRun?: boolean; readonly ifCount?: number | undefined } = {},
  ): Promise<Batch | RetryPreview> {
    return this.post(`/batches/${seg(id)}/retry-failed`, filter, { signal, isRepeatable: filter.dryRun === true });
  }

  updateBatch(id: string, patch: ChangeBatchBody, { signal }: CallOptions = {}): Promise<Batch> {
    return this.transport.json({ method: 'PATCH', path: `/batches/${seg(id)}`, body: JSON.stringify(patch), signal });
  }

  /** Removes a batch with its jobs and pages. One that runs has to be cancelled first, which `cancel` does: it is answered then. */
  forgetBatch(
    id: string,
    { cancel, signal }: CallOptions & { readonly cancel?: boolean | undefined } = {},
  ): Promise<Batch | undefined> {
    return this.transport.json({ method: 'DELETE', path: `/batches/${seg(id)}`, query: { cancel }, signal });
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
  async archive(id: string, { signal }: CallOptions = {}): Promise<Response> {
    const path = `/${isBatchId(id) ? 'batches' : 'jobs'}/${seg(id)}/archive.warc.gz`;
    return (await this.transport.open({ method: 'GET', path, signal })).asResponse();
  }

  failures(batchId: string, { signal }: CallOptions = {}): Promise<FailureClusters> {
    return this.get(`/batches/${seg(batchId)}/failures`, {}, signal);
  }

  /** Asked for twice, these do the same as once. */
  #control(id: string, verb: 'pause' | 'resume' | 'cancel', options: CallOptions): Promise<Batch> {
    return this.post(`/batches/${seg(id)}/${verb}`, undefined, { ...options, isRepeatable: true });
  }

  #submitLines(text: string, fields: BatchFields, options: SubmitOptions, isPatient = false): Promise<Batch> {
    const headers = { 'content-type': 'application/x-ndjson' };
    return this.#submit({ path: '/batches', query: queryOf(fields), headers, body: text, isPatient }, options);
  }

  #submit<T>(call: Omit<Call, 'method'>, { idempotencyKey = newIdempotencyKey(), signal }: SubmitOptions): Promise<T> {
    const headers = { ...call.headers, 'idempotency-key': idempotencyKey };
    return this.transport.json({ ...call, method: 'POST', headers, signal, isRepeatable: true });
  }
}
