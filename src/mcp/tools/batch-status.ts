import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import type { Batch, Everfetch } from '../../client';
import { batchAnswer } from '../batch-answer';
import { explained } from '../explained';

const Arguments = z.strictObject({
  id: z.uuid().describe('Id of the batch.'),
  wait_sec: z.int().min(0).max(120).default(0).describe('Wait this long for its end.'),
});

/** `batch_status`: how far a batch is. */
export function statusTool(server: McpServer, client: Everfetch): void {
  server.registerTool(
    'batch_status',
    {
      title: 'How far a batch is',
      description: 'Gives the counts, the failures by reason and the time left of a batch.',
      inputSchema: Arguments,
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    ({ id, wait_sec: waitSec }, { signal }) =>
      explained(async () => {
        const batch = await client.batch(id, { signal });
        const isWaitedFor = waitSec > 0 && batch.endedAt === undefined;
        return batchAnswer(isWaitedFor ? await endedWithin(client, id, waitSec, signal) : batch);
      }),
  );
}

/** The batch when it has ended, or when the time is over. */
async function endedWithin(client: Everfetch, id: string, waitSec: number, signal: AbortSignal): Promise<Batch> {
  const isOver = AbortSignal.timeout(waitSec * 1_000);
  try {
    return await client.wait({ id } as Batch, { signal: AbortSignal.any([signal, isOver]) });
  } catch (error) {
    if (!isOver.aborted || signal.aborted) throw error;
    return client.batch(id, { signal });
  }
}
