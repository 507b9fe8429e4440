import type { Answer, TestService } from './test-service';
import { TEST_KEY } from './test-service';
import { waitFor } from './wait-for';

export interface BatchCounts {
  readonly total: number;
  readonly queued: number;
  readonly running: number;
  readonly finished: number;
  readonly failed: number;
  readonly cancelled: number;
}

/** The batch object, as far as tests look at it. */
export interface SeenBatch {
  readonly id: string;
  readonly status: 'running' | 'paused' | 'finished' | 'cancelled';
  readonly pausedBecause?: string;
  readonly counts: BatchCounts;
  readonly credits: number;
}

export const KEY_HEADERS = { 'x-api-key': TEST_KEY };

/** Talks to the API about batches, and checks that the counts sum in whatever it answers. */
export function createBatchClient({ call }: Pick<TestService, 'call'>) {
  const seen = (answer: Answer): SeenBatch => {
    const { total, queued, running, finished, failed, cancelled } = answer.body.counts as BatchCounts;
    expect(queued + running + finished + failed + cancelled).toBe(total);
    return answer.body;
  };
  const get = async (id: string): Promise<SeenBatch> =>
    seen(await call('GET', `/batches/${id}`, undefined, KEY_HEADERS));
  return {
    get,
    async submit(urls: readonly string[], more: object = {}): Promise<{ id: string; jobs: { id: string }[] }> {
      const { status, headers, body } = await call('POST', '/batchjobs', { urls, ...more }, KEY_HEADERS);
      if (status !== 200) throw new Error(JSON.stringify(body));
      return { id: headers.get('x-batch-id') ?? '', jobs: body };
    },
    /** Any call about a batch, with its status and body. */
    ask: (method: string, path: string, body?: object): Promise<Answer> => call(method, path, body, KEY_HEADERS),
    /** A control call that has to succeed. @returns the batch object of its answer */
    async control(id: string, verb: string, body?: object): Promise<SeenBatch> {
      const answer = await call('POST', `/batches/${id}/${verb}`, body, KEY_HEADERS);
      if (answer.status !== 200) throw new Error(`${verb}: ${JSON.stringify(answer.body)}`);
      return seen(answer);
    },
    until: (id: string, isSo: (batch: SeenBatch) => boolean, timeoutMs = 90_000): Promise<SeenBatch> =>
      waitFor(
        async () => {
          const batch = await get(id);
          return isSo(batch) ? batch : undefined;
        },
        { timeoutMs },
      ),
  };
}

export const isEnded = ({ status }: SeenBatch): boolean => status === 'finished' || status === 'cancelled';
