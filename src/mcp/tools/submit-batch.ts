import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import type { Everfetch } from '../../client';
import { batchAnswer } from '../batch-answer';
import { explained } from '../explained';
import { apiParamsOf, pageOptions } from '../page-options';

const Arguments = z.strictObject({
  urls: z.array(z.string().max(8_192)).min(1).max(50_000),
  name: z.string().max(200).optional().describe('A name for people.'),
  tags: z.array(z.string().max(64)).max(20).optional(),
  max_credits: z.int().min(1).optional().describe('What the batch may cost at most; it pauses before that.'),
  ...pageOptions,
});

/** `submit_batch`: many pages, in the background. */
export function submitTool(server: McpServer, client: Everfetch): void {
  server.registerTool(
    'submit_batch',
    {
      title: 'Fetch many pages',
      description: 'Submits up to 50,000 URLs, which are fetched in the background. Gives the id of the batch.',
      inputSchema: Arguments,
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
    },
    ({ urls, name, tags, max_credits: maxCredits, ...options }, { signal }) =>
      explained(async () =>
        batchAnswer(
          await client.submitBatch(urls, { name, tags, maxCredits, apiParams: apiParamsOf(options) }, { signal }),
        ),
      ),
  );
}
