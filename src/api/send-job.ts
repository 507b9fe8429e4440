import type { Request, Response } from 'express';
import type { JobTexts, ObjectOptions } from '../pages/job-text';
import { MAX_PAGE_BYTES } from '../pages/read-response';
import type { StoredJob } from '../store/jobs';
import { streamText } from './stream-answer';

/** Stored pages up to this size are answered from memory, with a Content-Length. */
const SMALL_BYTES = 1024 * 1024;

/**
 * Sends the job object. A large page is read as it is sent; an error then breaks the connection, because half an object must not
 * look like a whole one.
 */
export async function sendJob(
  texts: JobTexts,
  { req, res }: { readonly req: Request; readonly res: Response },
  job: StoredJob,
  { withBody = true, more }: { readonly withBody?: boolean } & Pick<ObjectOptions, 'more'> = {},
): Promise<void> {
  if (job.status !== 'finished') return void res.json({ ...texts.objectOf(job), ...more });
  const added = more && { more };
  const small = await texts.small(job, { withBody, maxStoredBytes: SMALL_BYTES, ...added });
  if (small !== undefined) return sendJson(res, small);
  const large = await texts.large(job, { maxBytes: MAX_PAGE_BYTES, ...added });
  if (large.kind === 'too-large') throw new Error(`the page of job ${job.id} unpacks to over ${MAX_PAGE_BYTES} bytes`);
  res.setHeader('Content-Type', JSON_TYPE);
  if (req.method === 'HEAD') return void res.end();
  await streamText(res, large.parts());
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** Sends the same as `res.json`, but without its check for a 304, which takes a tenth of the time of a read (measured). */
function sendJson(res: Response, json: string): void {
  const body = Buffer.from(json);
  res.setHeader('Content-Type', JSON_TYPE);
  res.setHeader('Content-Length', body.length);
  res.end(body);
}
