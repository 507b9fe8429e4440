import { Router } from 'express';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { batchObject } from '../../jobs/batch-object';
import { listedJobObject } from '../../jobs/job-object';
import { BatchJobsQuery, BatchListQuery, JobListQuery } from '../../jobs/list-requests';
import type { Database } from '../../store/database';
import { listBatches } from '../../store/list-batches';
import { listBatchJobs, listJobs } from '../../store/list-jobs';
import type { JobPlace } from '../../store/list-jobs';
import { assertKnown, checkedWith } from '../checked-input';
import { TIME, UUID, cursorOf, placeOf } from '../list-cursor';
import type { CursorScope } from '../list-cursor';
import { authenticate } from '../middleware/authenticate';
import type { FindApiKey } from '../middleware/authenticate';
import { linkNextPage } from '../next-page';
import { ownBatch } from './batches';

export interface ListsDeps {
  readonly database: Database;
  readonly findApiKey: FindApiKey;
  readonly publicUrl: string;
  readonly retentionMs: number;
}

const DEFAULT_LIMIT = 100;
const ENTRY = new RegExp(`^${TIME} ${UUID}$`);
const JOB = new RegExp(`^${TIME} ${UUID}(?: (\\d{1,5}))?$`);
const INDEX = /^(\d{1,5})$/;

/** Serves `GET /batches`, `GET /jobs` and `GET /batches/:id/jobs`. Nobody sees what belongs to another key. */
export function listsRouter(deps: ListsDeps): Router {
  const router = Router();
  const { database } = deps;

  router.get('/batches', async (req, res) => {
    const { apiKeyId, query } = await asked(deps, req, res, BatchListQuery);
    const { q, limit = DEFAULT_LIMIT, cursor, ...filter } = query;
    const scope = { list: 'batches', apiKeyId, query };
    const [createdAt, id] = placeOf(scope, cursor, ENTRY) ?? [];
    const after = createdAt === undefined || id === undefined ? undefined : { createdAt, id };
    const { batches, next } = await listBatches(database, apiKeyId, { ...filter, search: q }, { after, limit });
    const items = batches.map((batch) => batchObject(batch, deps));
    send(req, res, BatchListQuery, { items, scope, next: next && [next.createdAt, next.id] });
  });

  router.get('/jobs', async (req, res) => {
    const { apiKeyId, query } = await asked(deps, req, res, JobListQuery);
    const { q, host, batch, limit = DEFAULT_LIMIT, cursor, ...rest } = query;
    const filter = { ...rest, search: q, hosts: host, batchId: batch };
    const scope = { list: 'jobs', apiKeyId, query };
    const after = jobPlaceOf(placeOf(scope, cursor, JOB));
    const { jobs, next } = await listJobs(database, apiKeyId, filter, { after, limit });
    const place = next && [next.createdAt, next.id, ...(next.index === undefined ? [] : [String(next.index)])];
    send(req, res, JobListQuery, { items: jobs.map((job) => listedJobObject(job, deps)), scope, next: place });
  });

  router.get('/batches/:id/jobs', async (req, res) => {
    const { apiKeyId, key, query } = await asked(deps, req, res, BatchJobsQuery);
    const batch = await ownBatch(database, key, req.params.id);
    const { q, host, since, until, limit = DEFAULT_LIMIT, cursor, ...rest } = query;
    const filter = { ...rest, search: q, hosts: host, endedSince: since, endedUntil: until };
    const scope = { list: batch.id, apiKeyId, query };
    const [index] = placeOf(scope, cursor, INDEX) ?? [];
    const after = index === undefined ? undefined : Number(index);
    const { jobs, next } = await listBatchJobs(database, batch, filter, { after, limit });
    const place = next === undefined ? undefined : [String(next)];
    send(req, res, BatchJobsQuery, { items: jobs.map((job) => listedJobObject(job, deps)), scope, next: place });
  });

  return router;
}

/** Schema of a query, with the names of its parameters. */
type QuerySchema<T> = z.ZodType<T> & { readonly shape: Readonly<Record<string, unknown>> };

/** Who asks, and for what. @throws ProblemError 401, or `invalid_request` for parameters that are wrong or not known */
async function asked<T>(deps: ListsDeps, req: Request, res: Response, schema: QuerySchema<T>) {
  const key = await authenticate(req, res, deps.findApiKey);
  assertKnown(req, { query: Object.keys(schema.shape) });
  return { key, apiKeyId: key.id, query: checkedWith(schema, req.query) };
}

function jobPlaceOf(texts: readonly (string | undefined)[] | undefined): JobPlace | undefined {
  const [createdAt, id, index] = texts ?? [];
  if (createdAt === undefined || id === undefined) return undefined;
  return { createdAt, id, index: index === undefined ? undefined : Number(index) };
}

interface Page {
  readonly items: readonly unknown[];
  readonly scope: CursorScope;
  readonly next: readonly string[] | undefined;
}

function send(req: Request, res: Response, schema: QuerySchema<unknown>, { items, scope, next }: Page): void {
  const nextCursor = next === undefined ? undefined : cursorOf(scope, next);
  linkNextPage(req, res, Object.keys(schema.shape), nextCursor);
  res.json({ items, ...(nextCursor !== undefined && { nextCursor }) });
}
