import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import type { Everfetch } from '../../client';
import { apiParamsOf, pageOptions } from '../page-options';
import { pageAnswer } from '../page-answer';
import { maxChars } from '../trimmed-text';
import { explained } from '../explained';

/** Clients give up a call after a minute unless they are told otherwise. */
const WAIT_SEC = 50;

const Arguments = z.strictObject({
  url: z.string().max(8_192).describe('An absolute http or https URL.'),
  wait_sec: z
    .int()
    .min(1)
    .max(120)
    .default(WAIT_SEC)
    .describe('How long to wait for the page. After that the job goes on, and get_result gives its page later.'),
  max_chars: maxChars,
  ...pageOptions,
});

/** `scrape`: one page, now. */
export function scrapeTool(server: McpServer, client: Everfetch): void {
  server.registerTool(
    'scrape',
    {
      title: 'Fetch a page',
      description: 'Fetches one web page and gives its text. It is tried again until it succeeds.',
      inputSchema: Arguments,
      annotations: { readOnlyHint: true, openWorldHint: true },
    },
    ({ url, wait_sec: waitSec, max_chars: limit, ...options }, { signal }) =>
      explained(async () => {
        const job = await client.scrape({ url, apiParams: apiParamsOf(options) }, { waitSec, signal });
        return pageAnswer(job, { maxChars: limit, offset: 0 });
      }),
  );
}
