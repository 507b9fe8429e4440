import { z } from 'zod';

/** A job object as it arrives over HTTP, with the fields the demo looks at. */
export const JobSeen = z.looseObject({
  id: z.string(),
  url: z.string(),
  status: z.string(),
  attempts: z.number().int(),
  failReason: z.string().optional(),
  response: z
    .looseObject({
      statusCode: z.number().int(),
      headers: z.record(z.string(), z.string()),
      // A page that is JSON comes as the value itself; the shop writes its JSON as `JSON.stringify` does.
      body: z
        .unknown()
        .transform((body) => (body === undefined || typeof body === 'string' ? body : JSON.stringify(body)))
        .optional(),
      base64EncodedBody: z.string().optional(),
    })
    .optional(),
});
export type JobSeen = z.output<typeof JobSeen>;

/** What a submission answers for one URL. */
export const AcceptedJob = z.looseObject({ id: z.string(), url: z.string(), statusUrl: z.string() });
export type AcceptedJob = z.output<typeof AcceptedJob>;

const count = z.number().int().min(0);
export const BatchSeen = z.looseObject({
  counts: z.object({ total: count, queued: count, running: count, finished: count, failed: count, cancelled: count }),
});
export type BatchCounts = z.output<typeof BatchSeen>['counts'];
