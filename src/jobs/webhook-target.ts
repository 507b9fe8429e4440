import { z } from 'zod';
import { urlProblem } from './check-url';

/** An absolute http or https URL, as it was sent. */
export const httpUrl = z.string({ error: 'must be a string' }).superRefine((value, context) => {
  const problem = urlProblem(value);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

/** Who is called. */
export const WebhookTarget = z.object(
  { type: z.literal('webhook', { error: 'must be "webhook"' }), url: httpUrl },
  { error: 'must be {"type":"webhook","url":"…"}' },
);
export type WebhookTarget = z.output<typeof WebhookTarget>;
