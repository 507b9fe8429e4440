import { createGzip } from 'node:zlib';
import { Router } from 'express';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { onOneLine } from '../../jobs/verbatim-json';
import { groupsWithin } from '../../pages/groups-within';
import { createJobTexts } from '../../pages/job-text';
import type { JobTextDeps, JobTexts } from '../../pages/job-text';
import type { StoredBatch } from '../../store/batches';
import type { Database } from '../../store/database';
import { countEndedJobs, findEndedHorizon, listEndedJobs } from '../../store/ended-jobs';
import type { EndedPlace, EndedStatus } from '../../store/ended-jobs';
import { findJobs } from '../../store/jobs';
import type { StoredJob } from '../../store/jobs';
import { MAX_PAGE_BYTES } from '../../pages/read-response';
import { assertKnown, checkedWith } from '../checked-input';
import { authenticate } from '../middleware/authenticate';
import type { FindApiKey } from '../middleware/authenticate';
import { streamText } from '../stream-answer';
import { ownBatch } from './batches';

export interface BatchResultsDeps extends JobTextDeps {
  readonly database: Database;
  readonly findApiKey: FindApiKey;
}

const STATUSES: readonly EndedStatus[] = ['finished', 'failed', 'cancelled'];
/** Jobs that are looked up per query. */
const JOBS_PER_QUERY = 100;
/** Limits of the stored pages that are read at the same time: their number and their bytes. */
const AT_ONCE = { maxItems: 8, maxBytes: 2 * 1024 * 1024 };
/** Larger pages are read in parts, as they are sent. */
const SMALL_BYTES = 1024 * 1024;

/** Serves `GET /batches/:id/results`: one job object with its page per line, in the order in which the jobs ended. */
export function batchResultsRouter(deps: BatchResultsDeps): Router {
  const router = Router();
  const texts = createJobTexts(deps);
  router.get('/batches/:id/results', async (req, res) => {
    const key = await authenticate(req, res, deps.findApiKey);
    assertKnown(req, { query: Object.keys(Query.shape) });
    const { cursor: after, status } = checkedWith(Query, req.query);
    const statuses = status === undefined ? STATUSES : [status];
    const batch = await ownBatch(deps.database, key, req.params.id);
    const horizon = batch.endedAt === undefined ? await findEndedHorizon(deps.database) : 'infinity';
    res.set('X-Batch-Unfinished', String(await unfinishedAt(deps.database, batch, horizon)));
    const places = await listEndedJobs(deps.database, batch.id, { after, horizon, statuses });
    await send(req, res, lines(deps.database, texts, places));
  });
  return router;
}

/** How many URLs of a batch have no result yet in an answer that goes up to the horizon; 0 says that the answer is complete. */
async function unfinishedAt(database: Database, batch: StoredBatch, horizon: string): Promise<number> {
  if (batch.endedAt !== undefined) return 0;
  return Math.max(batch.total - (await countEndedJobs(database, batch.id, horizon)), 0);
}

const Query = z.object({
  cursor: z
    .string({ error: 'must be given once' })
    .max(200)
    .transform((text, context) => {
      const place = placeOf(text);
      if (place === undefined) context.addIssue({ code: 'custom', message: 'is not one of a result' });
      return place;
    })
    .optional(),
  status: z.enum(STATUSES, { error: `must be ${STATUSES.join(', ')}` }).optional(),
});

const cursorOf = ({ endedAt, id }: EndedPlace): string => Buffer.from(`${endedAt} ${id}`).toString('base64url');

function placeOf(cursor: string): EndedPlace | undefined {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const [, endedAt, id] =
    /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?[+-]\d\d(?::\d\d)?) ([0-9a-f-]{36})$/.exec(text) ?? [];
  return endedAt === undefined || id === undefined || Number.isNaN(Date.parse(endedAt)) ? undefined : { endedAt, id };
}

async function* lines(database: Database, texts: JobTexts, places: readonly EndedPlace[]): AsyncGenerator<string> {
  for (let from = 0; from < places.length; from += JOBS_PER_QUERY) {
    const group = places.slice(from, from + JOBS_PER_QUERY);
    const jobs = await findJobs(
      database,
      group.map(({ id }) => id),
    );
    // Jobs that retention has removed meanwhile are skipped.
    const found = group.flatMap((place): Found[] => {
      const job = jobs.get(place.id);
      return job === undefined ? [] : [{ place, job }];
    });
    for (const together of groupsWithin(found, ({ job }) => job.page?.length ?? 0, AT_ONCE)) {
      const small = await Promise.all(together.map((each) => smallLine(texts, each)));
      for (const [index, each] of together.entries()) {
        const line = small[index];
        if (line === undefined) yield* largeLine(texts, each);
        else yield line;
      }
    }
  }
}

interface Found {
  readonly place: EndedPlace;
  readonly job: StoredJob;
}

/**
 * The line of a job; undefined when its page is too large for memory. A damaged page is reported in its line, so that the stream
 * goes on.
 */
async function smallLine(texts: JobTexts, { place, job }: Found): Promise<string | undefined> {
  const more = { cursor: cursorOf(place) };
  try {
    const text = await texts.small(job, { maxStoredBytes: SMALL_BYTES, more });
    return text === undefined ? undefined : `${onOneLine(text)}\n`;
  } catch (error) {
    if ((error as Error).name === 'PageDamagedError') return `${texts.damaged(job, more)}\n`;
    throw error;
  }
}

async function* largeLine(texts: JobTexts, { place, job }: Found): AsyncGenerator<string> {
  const more = { cursor: cursorOf(place) };
  try {
    const large = await texts.large(job, { maxBytes: MAX_PAGE_BYTES, more });
    if (large.kind === 'too-large')
      throw new Error(`the page of job ${job.id} unpacks to over ${MAX_PAGE_BYTES} bytes`);
    for await (const part of large.parts()) yield onOneLine(part);
    yield '\n';
  } catch (error) {
    // Damage is found before the first part is given out, so the line can still be replaced.
    if ((error as Error).name !== 'PageDamagedError') throw error;
    yield `${texts.damaged(job, more)}\n`;
  }
}

/** Sends the lines as they are read. When the stream breaks off, the client goes on from its last cursor. */
async function send(req: Request, res: Response, text: AsyncIterable<string>): Promise<void> {
  res.set('Content-Type', 'application/x-ndjson; charset=utf-8').vary('Accept-Encoding');
  const isGzipped = req.acceptsEncodings('gzip', 'identity') === 'gzip';
  if (isGzipped) res.set('Content-Encoding', 'gzip');
  await streamText(res, text, isGzipped ? createGzip({ level: 1 }) : undefined);
}
