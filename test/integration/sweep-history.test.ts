import { startOrigin } from '../support/origin';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';
import { paceMs } from '../../src/workflows/policy/time';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

/** What `test/workflows/policy/time.test.ts` counts with. */
const EVENTS_PER_ROUND = 11;
const TIMEOUT_SEC = 40;

async function eventTypes(workflowId: string): Promise<string[]> {
  const { events = [] } = await service.client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).map((event) =>
    event.activityTaskScheduledEventAttributes?.activityType?.name === 'sweep' ? 'sweep' : String(event.eventType),
  );
}

/** Rounds of a chunk that is never asked to wait, by its pace alone. */
function mostRounds(ms: number): number {
  let rounds = 1;
  for (let nowMs = 0; nowMs < ms; rounds++) nowMs += paceMs(nowMs);
  return rounds;
}

test('a batch that fails from the first to the last second keeps small histories, and every URL ends as timed out', async () => {
  const origin = await startOrigin((_req, res) => {
    res.statusCode = 503;
    res.end();
  });
  const urls = Array.from({ length: 700 }, (_, index) => `${origin.url}/${index}`);
  const { headers } = await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls, timeoutSec: TIMEOUT_SEC });
  const id = headers.get('x-batch-id') ?? '';
  const key = { 'x-api-key': TEST_KEY };
  const ended = await waitFor(
    async () => {
      const { body } = await service.call('GET', `/batches/${id}`, undefined, key);
      return body.status === 'running' ? undefined : body;
    },
    { timeoutMs: 90_000 },
  );
  expect(ended.counts).toMatchObject({ total: 700, failed: 700, running: 0, queued: 0 });
  await service.client.workflow.getHandle(`batch/${id}`).result();
  for (const chunk of [0, 1]) {
    const events = await eventTypes(`batch/${id}/chunk/${chunk}`);
    const rounds = events.filter((type) => type === 'sweep').length;
    expect(rounds).toBeGreaterThanOrEqual(2);
    expect(rounds).toBeLessThanOrEqual(mostRounds(TIMEOUT_SEC * 1_000));
    expect(events.length).toBeLessThanOrEqual((rounds + 2) * EVENTS_PER_ROUND);
  }
  // 9 events a chunk: 100 of them are under 1,000.
  expect((await eventTypes(`batch/${id}`)).length).toBeLessThanOrEqual(2 * 9 + 12);
}, 150_000);
