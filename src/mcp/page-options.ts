import { z } from 'zod';
import type { ApiParams } from '../client';

/** How pages are fetched and given, as arguments of tools. */
export const pageOptions = {
  output_format: z
    .enum(['markdown', 'text', 'html'])
    .default('markdown')
    .describe('The form in which the page is given.'),
  render: z.boolean().optional().describe('Load the page in a browser, for pages that are made by scripts.'),
  wait_for_selector: z.string().min(1).max(2_000).optional().describe('With a browser: wait for this CSS selector.'),
  device_type: z.enum(['desktop', 'mobile']).optional(),
  country_code: z
    .string()
    .regex(/^[a-z]{2}$/i)
    .optional()
    .describe('Fetch through a proxy in this country (ISO 3166).'),
  premium: z.boolean().optional().describe('Use better proxies, for sites that block others. Costs more credits.'),
  ultra_premium: z.boolean().optional().describe('Use the best proxies.'),
  max_cost: z.int().min(1).optional().describe('Refuse a URL that costs more credits than this.'),
};

const PageOptions = z.object(pageOptions);

/** The same as parameters of the API. HTML is what pages are given as when nothing is said. */
export function apiParamsOf({ output_format, ...params }: z.output<typeof PageOptions>): ApiParams {
  return output_format === 'html' ? params : { ...params, output_format };
}
