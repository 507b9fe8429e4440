import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Router } from 'express';
import type { Request, Response } from 'express';
import { codingNames } from '../../http/codings/coding-steps';
import { BadEncodingError, TooLargeError } from '../../http/content-decode';
import { lastHeader, listHeader } from '../../http/present-headers';
import { unpackStream } from '../../http/unpack-stream';
import type { Parts } from '../../http/unpack-stream';
import { findJob } from '../../store/jobs';
import type { StoredJob } from '../../store/jobs';
import type { OpenPage, OpenedPage } from '../../pages/open-page';
import { MAX_PAGE_BYTES } from '../../pages/read-response';
import { matchesEtag, existingJob, secondsUntil } from './existing-job';
import type { ExistingJobDeps } from './existing-job';
import { ProblemError } from '../problem';

export interface JobBodyDeps extends ExistingJobDeps {
  readonly openPage: OpenPage;
}

/** `GET /jobs/:id/body`: the page as the target sent it, with its own type. No key: the id is the capability. */
export function jobBodyRouter(deps: JobBodyDeps): Router {
  const router = Router();
  router.get('/jobs/:id/body', async (req, res) => {
    const job = await existingJob(deps, (id) => findJob(deps.database, id), req.params.id.toLowerCase());
    const page = await deps.openPage(job);
    if (page === undefined) throw noPage(job);
    const encoding = acceptedEncoding(req, page);
    const etag = `"${job.id}-body${encoding === undefined ? '' : `-${encoding}`}"`;
    const isKnown = matchesEtag(req.get('if-none-match'), etag);
    const body = isKnown || encoding !== undefined ? page.body : await unpackedBody(page);
    // Of an unknown author: it gets no origin, no scripts, and no other type than it says.
    res.set({ 'Content-Security-Policy': 'sandbox', 'X-Content-Type-Options': 'nosniff' });
    res.set('ETag', etag).vary('Accept-Encoding');
    if (isKnown) return void res.status(304).end();
    // Not `res.set`: it adds a charset, which would overrule what the page says of itself.
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

/** The content coding that the page is stored in, where it is the only one and the client takes it. */
function acceptedEncoding(req: Request, { headers, bodyBytes }: OpenedPage): string | undefined {
  const [coding, ...others] = codingNames(listHeader(headers, 'content-encoding'));
  if (coding === undefined || others.length > 0 || bodyBytes === 0) return undefined;
  return req.acceptsEncodings(coding) === coding ? coding : undefined;
}

/** One that cannot be unpacked goes out as it came, as in the job object; the beginning tells nearly always. */
async function unpackedBody({ body, bodyBytes, headers }: OpenedPage): Promise<Parts> {
  if (bodyBytes === 0) return body;
  try {
    const unpacked = unpackStream(body, listHeader(headers, 'content-encoding'), { maxBytes: MAX_PAGE_BYTES });
    if (unpacked !== body) for await (const _part of unpacked()) break;
    return unpacked;
  } catch (error) {
    if (error instanceof BadEncodingError) return body;
    throw error;
  }
}

/** Read as it is sent. What breaks off, breaks the connection off: half a page must not look like a whole one. */
async function send(res: Response, body: Parts): Promise<void> {
  try {
    await pipeline(Readable.from(body(), { objectMode: false }), res);
  } catch (error) {
    const hasHungUp = (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE';
    const isDamagedPage = error instanceof BadEncodingError || error instanceof TooLargeError;
    if (!hasHungUp && !isDamagedPage) throw error; // ours: it is logged
  }
}
