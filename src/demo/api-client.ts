import { Agent, request } from 'undici';
import { z } from 'zod';

/** A job object as it arrives over HTTP, with the fields that the demo looks at. */
export const JobSeen = z.looseObject({
  id: z.string(),
  url: z.string(),
  status: z.string(),
  attempts: z.number().int(),
  failReason: z.string().optional(),
  response: z
    .looseObject({
      statusCode: z.number().int(),
      headers: z.record(z.string(), z.string()),
      // A JSON page arrives as the value itself; the shop formats its JSON as `JSON.stringify` does.
      body: z
        .unknown()
        .transform((body) => (body === undefined || typeof body === 'string' ? body : JSON.stringify(body)))
        .optional(),
      base64EncodedBody: z.string().optional(),
    })
    .optional(),
});
export type JobSeen = z.output<typeof JobSeen>;

/** The answer to a submission, for one URL. */
export const AcceptedJob = z.looseObject({ id: z.string(), url: z.string(), statusUrl: z.string() });
export type AcceptedJob = z.output<typeof AcceptedJob>;

const count = z.number().int().min(0);
export const BatchSeen = z.looseObject({
  counts: z.object({ total: count, queued: count, running: count, finished: count, failed: count, cancelled: count }),
});
export type BatchCounts = z.output<typeof BatchSeen>['counts'];

export interface ApiClient {
  isReady(): Promise<boolean>;
  submitBatch(
    body: Readonly<Record<string, unknown>>,
  ): Promise<{ readonly batchId: string; readonly jobs: readonly AcceptedJob[] }>;
  submitJob(body: Readonly<Record<string, unknown>>): Promise<AcceptedJob>;
  batchCounts(batchId: string): Promise<BatchCounts>;
  job(id: string): Promise<JobSeen>;
  close(): Promise<void>;
}

interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** The few calls of the public HTTP contract that the demo needs. */
export function createApiClient({
  origin,
  apiKey,
  signal,
}: {
  readonly origin: string;
  readonly apiKey: string;
  readonly signal: AbortSignal;
}): ApiClient {
  const dispatcher = new Agent({ connections: 8, headersTimeout: 30_000, bodyTimeout: 30_000 });

  const send = async ({ method, path, body }: Call) => {
    const answer = await request(`${origin}${path}`, {
      method,
      dispatcher,
      signal,
      headers: { 'x-api-key': apiKey, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? null : JSON.stringify({ apiKey, ...body }),
    });
    return { statusCode: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  };

  const call = async <T>(schema: z.ZodType<T>, what: Call) => {
    const { statusCode, headers, text } = await send(what);
    const name = `${what.method} ${what.path}`;
    if (statusCode !== 200) throw new Error(`${name} answered ${statusCode}: ${text.slice(0, 500)}`);
    const parsed = schema.safeParse(parseJson(text));
    if (!parsed.success) throw new Error(`${name} answered something unexpected: ${z.prettifyError(parsed.error)}`);
    return { value: parsed.data, headers };
  };

  return {
    async isReady() {
      const answer = await send({ method: 'GET', path: '/readyz' }).catch(() => undefined); // the connection is refused until the service listens
      signal.throwIfAborted();
      return answer?.statusCode === 200;
    },
    async submitBatch(body) {
      const { value, headers } = await call(z.array(AcceptedJob), { method: 'POST', path: '/batchjobs', body });
      const batchId = headers['x-batch-id'];
      if (typeof batchId !== 'string') throw new Error('POST /batchjobs answered without X-Batch-Id');
      return { batchId, jobs: value };
    },
    submitJob: async (body) => (await call(AcceptedJob, { method: 'POST', path: '/jobs', body })).value,
    batchCounts: async (batchId) =>
      (await call(BatchSeen, { method: 'GET', path: `/batches/${batchId}` })).value.counts,
    job: async (id) => (await call(JobSeen, { method: 'GET', path: `/jobs/${id}` })).value,
    close: () => dispatcher.destroy(),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
