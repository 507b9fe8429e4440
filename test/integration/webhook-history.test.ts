import type { Client } from '@temporalio/client';
import { createReceiver } from '../support/receiver';
import { startSmallHistoryTemporal } from '../support/small-history-temporal';
import { startOrigin } from '../support/origin';
import { TEST_KEY, startTestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

const SUGGESTED_AFTER = 60;

/** Runs of a workflow, oldest first, with the number of their events. */
async function runsOf(client: Client, workflowId: string): Promise<{ runId: string; events: number }[]> {
  const runs: { runId: string; events: number }[] = [];
  for (let runId: string | undefined; ;) {
    const { raw, historyLength, runId: id } = await client.workflow.getHandle(workflowId, runId).describe();
    runs.unshift({ runId: id, events: historyLength });
    const first = raw.workflowExecutionInfo?.firstRunId;
    if (id === first || runs.length > 100) return runs;
    const history = await client.workflow.getHandle(workflowId, id).fetchHistory();
    runId = history.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId ?? '';
    if (runId === '') return runs;
  }
}

test('however many calls a receiver gets, and however often it is woken, no run of its workflow grows beyond bounds', async () => {
  const temporal = await startSmallHistoryTemporal(SUGGESTED_AFTER);
  const service = await startTestService({ temporalAddress: temporal.address });
  try {
    const origin = await startOrigin((_req, res) => res.end('page'));
    let isDown = false;
    const receiver = await createReceiver(() => (isDown ? 0 : 200));
    const submit = async (count: number) => {
      const urls = Array.from({ length: count }, (_, index) => `${origin.url}/${index}`);
      const callback = { type: 'webhook', url: receiver.url };
      await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls, callback, fanOut: 'sweep' });
    };
    await submit(2_000);
    await waitFor(() => receiver.calls.length === 2_000);
    const [endpoint] = await service.db.database.query<{ id: string }>('select id from webhook_endpoints');
    const workflowId = `webhook/${endpoint?.id}`;
    const handle = service.client.workflow.getHandle(workflowId);
    const { historyLength } = await handle.describe();
    expect(historyLength).toBeLessThan(40); // 2,000 calls leave no more behind than one

    /** The next probe now, again and again: the shift that is ending may still write when it wanted to make it. */
    const probeUntil = (condition: () => boolean | Promise<boolean>) =>
      waitFor(
        async () => {
          const { database } = service.db;
          await database.query('update webhook_endpoints set next_call_at = now() where next_call_at is not null');
          await database.query('update webhook_troubled_urls set next_call_at = now()');
          await database.query(`update webhook_deliveries set next_attempt_at = now() where status = 'pending'`);
          await handle.signal('wake');
          return condition();
        },
        { intervalMs: 200 },
      );
    isDown = true;
    await submit(1);
    await waitFor(() => receiver.calls.length === 2_001);
    for (let probe = 0; (await runsOf(service.client, workflowId)).length < 3; probe += 1) {
      expect(probe).toBeLessThan(60);
      const before = receiver.calls.length;
      await probeUntil(() => receiver.calls.length > before);
    }
    isDown = false;
    await probeUntil(async () => {
      const rows = await service.db.database.query(`select 1 from webhook_deliveries where status <> 'delivered'`);
      return rows.length === 0;
    });
    const runs = await runsOf(service.client, workflowId);
    for (const { events } of runs) expect(events).toBeLessThan(2 * SUGGESTED_AFTER);
  } finally {
    await service.stop();
    await temporal.stop();
  }
});
