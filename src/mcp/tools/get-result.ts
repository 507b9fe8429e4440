import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { isBatchId } from '../../client';
import type { Everfetch } from '../../client';
import { explained } from '../explained';
import { pageAnswer } from '../page-answer';
import { maxChars } from '../trimmed-text';

const Arguments = z.strictObject({
  id: z.uuid().describe('Id of a job, whose page is wanted, or of a batch, whose jobs that have ended are listed.'),
  max_chars: maxChars,
  offset: z.int().min(0).default(0).describe('Of a job: where in the page to begin.'),
  limit: z.int().min(1).max(500).default(50).describe('Of a batch: how many jobs to list.'),
  cursor: z.string().max(200).optional().describe('Of a batch: the cursor that the last list ended with.'),
});
type Listing = Pick<z.output<typeof Arguments>, 'limit' | 'cursor'>;

/** `get_result`: the page of a job, or the ended jobs of a batch. */
export function resultTool(server: McpServer, client: Everfetch): void {
  server.registerTool(
    'get_result',
    {
      title: 'Read results',
      description: 'Gives the page of a job, in parts if it is long, or lists the jobs of a batch that have ended.',
      inputSchema: Arguments,
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    ({ id, max_chars: limit, offset, ...listing }, { signal }) =>
      explained(async () =>
        isBatchId(id)
          ? listAnswer(client, id, listing, signal)
          : pageAnswer(await client.job(id, { signal }), { maxChars: limit, offset }),
      ),
  );
}

const LISTED = ['id', 'url', 'status', 'failReason', 'statusCode', 'clientId', 'attempts'];

async function listAnswer(
  client: Everfetch,
  batchId: string,
  { limit, cursor }: Listing,
  signal: AbortSignal,
): Promise<CallToolResult> {
  const lines: string[] = [];
  let last = cursor;
  for await (const line of client.results(batchId, { cursor, fields: LISTED, signal })) {
    const { cursor: here, ...job } = line;
    lines.push(JSON.stringify(job));
    last = here;
    if (lines.length === limit) break;
  }
  const rest = lines.length < limit ? 'There are no further ones yet.' : `For the next ones give cursor ${last}.`;
  return { content: [{ type: 'text', text: [`${lines.length} jobs that have ended. ${rest}`, ...lines].join('\n') }] };
}
