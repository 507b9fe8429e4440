import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Router } from 'express';
import type { Request, Response } from 'express';
import { BadEncodingError } from '../../extract/content-decode';
import { lastHeader, listHeader } from '../../extract/present-headers';
import { unpackStream } from '../../extract/unpack-stream';
import { findJob } from '../../store/jobs';
import type { StoredJob } from '../../store/jobs';
import type { OpenPage, OpenedPage } from '../../store/open-page';
import { matchesEtag } from '../matches-etag';
import { ProblemError } from '../problem';
import { existingJob, secondsUntil } from './existing-job';
import type { ExistingJobDeps } from './existing-job';

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
    // Of an unknown author: it gets no origin, no scripts, and no other type than it says.
    res.set({ 'Content-Security-Policy': 'sandbox', 'X-Content-Type-Options': 'nosniff', Vary: 'Accept-Encoding' });
    const { body, encoding } = bodyFor(req, page);
    const etag = `"${job.id}-body${encoding === undefined ? '' : `-${encoding}`}"`;
    res.set({ ETag: etag, 'Content-Type': lastHeader(page.headers, 'content-type') ?? 'application/octet-stream' });
    if (matchesEtag(req.get('if-none-match'), etag)) return void res.status(304).end();
    if (encoding !== undefined) res.set('Content-Encoding', encoding);
    if (body === page.body) res.set('Content-Length', String(page.bodyBytes));
    if (req.method === 'HEAD') return void res.end();
    await send(res, body);
  });
  return router;
}

function noPage(job: StoredJob): ProblemError {
  const headers = job.status === 'running' ? { 'Retry-After': String(secondsUntil(job.nextAttemptAt)) } : {};
  return new ProblemError(
    'not_found',
    `The job is ${job.status} and has no page${job.status === 'running' ? ' yet' : ''}.`,
    {
      headers,
    },
  );
}

interface BodyFor {
  readonly body: () => AsyncIterable<Buffer>;
  /** Still in this content coding. */
  readonly encoding?: string;
}

/** As it is stored where the client takes that; one that cannot be undone goes out as it came. */
function bodyFor(req: Request, page: OpenedPage): BodyFor {
  const stored = listHeader(page.headers, 'content-encoding')?.trim().toLowerCase();
  if (stored === undefined || page.bodyBytes === 0) return { body: page.body };
  if (/^[a-z-]+$/.test(stored) && stored !== 'identity' && req.acceptsEncodings(stored) === stored)
    return { body: page.body, encoding: stored };
  try {
    return { body: unpackStream(page.body, stored) };
  } catch (error) {
    if (error instanceof BadEncodingError) return { body: page.body };
    throw error;
  }
}

/** Read as it is sent. What breaks off, breaks the connection off: half a page must not look like a whole one. */
async function send(res: Response, body: () => AsyncIterable<Buffer>): Promise<void> {
  try {
    await pipeline(Readable.from(body(), { objectMode: false }), res);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE') return; // the client hung up
    if (!(error instanceof BadEncodingError)) throw error;
    res.destroy();
  }
}
