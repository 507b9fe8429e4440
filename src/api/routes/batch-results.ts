import { createGzip } from 'node:zlib';
import { Router } from 'express';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { lenientBoolean } from '../../jobs/lenient';
import { namedFields } from '../../jobs/result-fields';
import type { StoredBatch } from '../../store/batches';
import type { Database } from '../../store/database';
import { countEndedJobs, findEndedHorizon, listEndedJobs } from '../../store/ended-jobs';
import type { EndedPlace, EndedStatus } from '../../store/ended-jobs';
import { BatchChanges } from '../batch-changes';
import type { BatchWatch } from '../batch-watch';
import { assertKnown, checkedWith } from '../checked-input';
import { authenticate } from '../middleware/authenticate';
import type { FindApiKey } from '../middleware/authenticate';
import { createResultLines } from '../result-lines';
import type { ResultLines, ResultLinesDeps } from '../result-lines';
import { endSignal, streamText } from '../stream-answer';
import { ownBatch } from './batches';

export interface BatchResultsDeps extends ResultLinesDeps {
  readonly findApiKey: FindApiKey;
}

const STATUSES: readonly EndedStatus[] = ['finished', 'failed', 'cancelled'];
/** Pause after which an empty line shows that a stream is still alive (ms). */
const HEARTBEAT_MS = 15_000;

/** Serves `GET /batches/:id/results`: one job object with its page per line, in the order in which the jobs ended. */
export function batchResultsRouter(deps: BatchResultsDeps, watch: BatchWatch, heartbeatMs = HEARTBEAT_MS): Router {
  const router = Router();
  const { database } = deps;
  const lines = createResultLines(deps);
  router.get('/batches/:id/results', async (req, res) => {
    const key = await authenticate(req, res, deps.findApiKey);
    assertKnown(req, { query: Object.keys(ResultsQuery.shape) });
    const { cursor: after, status, fields, follow } = checkedWith(ResultsQuery, req.query);
    const selection = { after, statuses: status === undefined ? STATUSES : [status] };
    const batch = await ownBatch(database, key, req.params.id);
    const ending = endSignal(res);
    // It listens before it reads, so that nothing ends unnoticed in between.
    const changes =
      follow === true && batch.endedAt === undefined ? new BatchChanges(watch, batch.id, ending) : undefined;
    const horizon = await horizonOf(database, batch);
    res.set('X-Batch-Unfinished', String(await unfinishedAt(database, batch, horizon)));
    const state = { batch, horizon };
    const text =
      changes === undefined
        ? lines(await listEndedJobs(database, batch.id, { ...selection, horizon }), fields)
        : followed(database, lines, { state, changes, selection, fields, heartbeatMs });
    await send(req, res, text);
  });
  return router;
}

const horizonOf = (database: Database, batch: StoredBatch): Promise<string> =>
  batch.endedAt === undefined ? findEndedHorizon(database) : Promise.resolve('infinity');

/** How many URLs of a batch have no result yet in an answer that goes up to the horizon; 0 says that the answer is complete. */
async function unfinishedAt(database: Database, batch: StoredBatch, horizon: string): Promise<number> {
  if (batch.endedAt !== undefined) return 0;
  return Math.max(batch.total - (await countEndedJobs(database, batch.id, horizon)), 0);
}

export const ResultsQuery = z.object({
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
  follow: lenientBoolean.optional(),
  fields: z
    .string({ error: 'must be given once, with commas between the names' })
    .max(500)
    .transform((text, context) => {
      const { fields, unknown } = namedFields(text);
      for (const name of unknown.slice(0, 10))
        context.addIssue({ code: 'custom', message: `names ${JSON.stringify(name)}, which job objects do not have` });
      return fields;
    })
    .optional(),
});

function placeOf(cursor: string): EndedPlace | undefined {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const [, endedAt, id] =
    /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?[+-]\d\d(?::\d\d)?) ([0-9a-f-]{36})$/.exec(text) ?? [];
  return endedAt === undefined || id === undefined || Number.isNaN(Date.parse(endedAt)) ? undefined : { endedAt, id };
}

interface Following {
  readonly state: { readonly batch: StoredBatch; readonly horizon: string };
  readonly changes: BatchChanges;
  readonly selection: { readonly after: EndedPlace | undefined; readonly statuses: readonly EndedStatus[] };
  readonly fields: ReadonlySet<string> | undefined;
  readonly heartbeatMs: number;
}

/** Goes on until the batch has ended. An empty line shows that it is still alive. */
async function* followed(
  database: Database,
  lines: ResultLines,
  { state, changes, selection, fields, heartbeatMs }: Following,
): AsyncGenerator<string> {
  let { batch, horizon } = state;
  let { after } = selection;
  try {
    for (;;) {
      const places = await listEndedJobs(database, batch.id, { ...selection, after, horizon });
      yield* lines(places, fields);
      after = places.at(-1) ?? after;
      if (batch.endedAt !== undefined) return;
      // Ends that a transaction was still committing are read once it is over, even if nothing else ends.
      const isBehind = batch.readAt !== undefined && !(new Date(horizon) > batch.readAt);
      const next = yield* nextState(changes, isBehind ? undefined : endedOf(batch), heartbeatMs);
      if (next === undefined) return;
      batch = next;
      horizon = await horizonOf(database, batch);
    }
  } finally {
    changes.stop();
  }
}

const endedOf = ({ finished, failed, cancelled }: StoredBatch): number => finished + failed + cancelled;

/** Waits for a state with another number of ends, or with undefined for any; resolves with undefined when it is over. */
async function* nextState(
  changes: BatchChanges,
  ended: number | undefined,
  heartbeatMs: number,
): AsyncGenerator<string, StoredBatch | undefined> {
  let beatAtMs = Date.now() + heartbeatMs;
  for (;;) {
    const change = await changes.next(Math.max(beatAtMs - Date.now(), 0));
    if (change.kind === 'over') return undefined;
    if (change.kind === 'batch' && (change.batch.endedAt !== undefined || endedOf(change.batch) !== ended))
      return change.batch;
    if (Date.now() < beatAtMs) continue;
    yield '\n';
    beatAtMs = Date.now() + heartbeatMs;
  }
}

/** Sends the lines as they are read. When the stream breaks off, the client goes on from its last cursor. */
async function send(req: Request, res: Response, text: AsyncIterable<string>): Promise<void> {
  res.set('Content-Type', 'application/x-ndjson; charset=utf-8').vary('Accept-Encoding');
  const isGzipped = req.acceptsEncodings('gzip', 'identity') === 'gzip';
  if (isGzipped) res.set('Content-Encoding', 'gzip');
  if (req.method === 'HEAD') return void res.end();
  // The first line may be far away.
  res.flushHeaders();
  await streamText(res, text, isGzipped ? createGzip({ level: 1 }) : undefined);
}
