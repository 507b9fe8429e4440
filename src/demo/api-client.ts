import { Agent, request } from 'undici';
import { z } from 'zod';
import { AcceptedJob, type BatchCounts, BatchSeen, JobSeen } from './job-seen';

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
      const answer = await send({ method: 'GET', path: '/readyz' }).catch(() => undefined); // refused: not listening yet
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
