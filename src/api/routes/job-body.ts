import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Router } from 'express';
import type { Request, Response } from 'express';
import { codingNames } from '../../http/codings/coding-steps';
import { BadContentEncodingError, BodyTooLargeError } from '../../http/body-errors';
import { lastHeader, listHeader } from '../../http/header-value';
import { decodeStream } from '../../http/codings/decode-stream';
import type { Parts } from '../../http/codings/decode-stream';
import { findJob } from '../../store/jobs';
import type { StoredJob } from '../../store/jobs';
import type { OpenPage, OpenedPage } from '../../pages/open-page';
import { MAX_PAGE_BYTES } from '../../pages/read-response';
import { hasHungUp } from '../stream-answer';
import { assertKnown } from '../checked-input';
import { matchesEtag, existingJob, secondsUntil } from './existing-job';
import type { ExistingJobDeps } from './existing-job';
import { ProblemError } from '../problem';

export interface JobBodyDeps extends ExistingJobDeps {
  readonly openPage: OpenPage;
}

/**
 * Serves `GET /jobs/:id/body`: the page as the target sent it, with its own type. It needs no API key, because whoever knows the id
 * may see it.
 */
export function jobBodyRouter(deps: JobBodyDeps): Router {
  const router = Router();
  router.get('/jobs/:id/body', async (req, res) => {
    assertKnown(req, {});
    const job = await existingJob(deps, (id) => findJob(deps.database, id), req.params.id.toLowerCase());
    const page = await deps.openPage(job);
    if (page === undefined) throw noPage(job);
    const encoding = acceptedEncoding(req, page);
    const etag = `"${job.id}-body${encoding === undefined ? '' : `-${encoding}`}"`;
    const isKnown = matchesEtag(req.get('if-none-match'), etag);
    const body = isKnown || encoding !== undefined ? page.body : await unpackedBody(page);
    // The page comes from a stranger, so browsers give it no origin and no scripts, and do not guess its type.
    res.set({ 'Content-Security-Policy': 'sandbox', 'X-Content-Type-Options': 'nosniff' });
    res.set('ETag', etag).vary('Accept-Encoding');
    if (isKnown) return void res.status(304).end();
    // `res.set` would add a charset, which would override what the page itself declares.
    res.setHeader('Content-Type', lastHeader(page.headers, 'content-type') || 'application/octet-stream');
    if (encoding !== undefined) res.set('Content-Encoding', encoding);
    if (body === page.body) res.set('Content-Length', String(page.bodyBytes));
    if (req.method === 'HEAD') return void res.end();
    await send(res, body);
  });
  return router;
}

function noPage(job: StoredJob): ProblemError {
  if (job.status !== 'running') return new ProblemError('not_found', `The job is ${job.status} and has no page.`);
  const headers = { 'Retry-After': String(secondsUntil(job.nextAttemptAt)) };
  return new ProblemError('not_found', 'The job is running and has no page yet.', { headers });
}

/** The content coding of the stored page, when it is the only one and the client accepts it. */
function acceptedEncoding(req: Request, { headers, bodyBytes }: OpenedPage): string | undefined {
  const [coding, ...others] = codingNames(listHeader(headers, 'content-encoding'));
  if (coding === undefined || others.length > 0 || bodyBytes === 0) return undefined;
  return req.acceptsEncodings(coding) === coding ? coding : undefined;
}

/**
 * Decompresses the body. One that cannot be decompressed is sent as it is stored, as in the job object; its first part nearly always
 * tells.
 */
async function unpackedBody({ body, bodyBytes, headers }: OpenedPage): Promise<Parts> {
  if (bodyBytes === 0) return body;
  try {
    const unpacked = decodeStream(body, listHeader(headers, 'content-encoding'), { maxBytes: MAX_PAGE_BYTES });
    if (unpacked !== body) for await (const _part of unpacked()) break;
    return unpacked;
  } catch (error) {
    if (error instanceof BadContentEncodingError) return body;
    throw error;
  }
}

/** Sends the body as it is read. An error breaks the connection, because half a page must not look like a whole one. */
async function send(res: Response, body: Parts): Promise<void> {
  try {
    await pipeline(Readable.from(body(), { objectMode: false }), res);
  } catch (error) {
    const isDamagedPage = error instanceof BadContentEncodingError || error instanceof BodyTooLargeError;
    if (!hasHungUp(error) && !isDamagedPage) throw error; // a fault of ours, which is logged
  }
}
