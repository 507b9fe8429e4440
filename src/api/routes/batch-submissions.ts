import { createHash } from 'node:crypto';
import { Router } from 'express';
import type { Request, Response } from 'express';
import { batchObject } from '../../jobs/batch-object';
import { withoutEmptyFields } from '../../jobs/given-params';
import { findBatch } from '../../store/batches';
import { idempotencyKeyOf, idempotencyOf } from '../accepting-problems';
import { assertKnown, assertNotForbidden, invalid, objectBody } from '../checked-input';
import { nameIgnored } from '../ignored-parameters';
import { parseBatchQuery } from '../lines/batch-query';
import { LineReader } from '../lines/line-reader';
import { createLineSplitter } from '../lines/split-lines';
import { authenticate } from '../middleware/authenticate';
import type { ReadBody } from '../middleware/read-body';
import { assertSelector, parseSubmission, unknownFields } from '../parse-submission';
import { ProblemError } from '../problem';
import { rateLimitHeaders } from '../rate-limit-headers';
import { submitBatch } from '../submit-batch';
import type { BatchRequest, Submitter } from '../submit-batch';
import type { SubmissionsDeps } from './submissions';

export interface BatchSubmissionsDeps extends SubmissionsDeps {
  readonly readBody: ReadBody;
  readonly retentionMs: number;
}

/** A batch with the names of what was left out of it. */
interface CheckedBatch {
  readonly request: BatchRequest;
  readonly leftOut: readonly string[];
  readonly idempotent: Submitter['idempotent'];
}

const LINES_TYPE = /^application\/(x-ndjson|ndjson|jsonl|x-jsonlines)\s*(;|$)/i;

/** Whether a request sends a batch as lines. Its body is read by the route itself, as a stream. */
export const isLinesUpload = (req: Request): boolean =>
  req.method === 'POST' && /^\/batches\/?$/i.test(req.path) && LINES_TYPE.test(req.get('content-type') ?? '');

/** Serves `POST /batches`. A 202 means that the rows are committed to disk. */
export function batchSubmissionsRouter(deps: BatchSubmissionsDeps): Router {
  const router = Router();
  router.post('/batches', async (req, res) => {
    // A client that is refused before it was told to go on has not sent the body.
    const isAsking = isLinesUpload(req) && req.headers.expect !== undefined;
    if (isAsking) res.set('Connection', 'close');
    const key = await authenticate(req, res, deps.findApiKey);
    const checked = isLinesUpload(req) ? await readLines(deps, req, res) : await readObject(deps, req);
    const { request, leftOut, idempotent } = checked;
    nameIgnored(res, leftOut);
    deps.noteIgnored(key.id, namesOf(leftOut));
    const { id, isReplay, allowance } = await submitBatch(deps, { key, idempotent }, request);
    if (allowance !== undefined) res.set(rateLimitHeaders(allowance));
    const batch = await findBatch(deps.database, id);
    if (batch === undefined) throw new ProblemError('expired', 'The batch of the first request has been removed.');
    if (isReplay) res.set('Idempotency-Replayed', 'true');
    res.status(202).set({ 'X-Batch-Id': id, Location: `/batches/${id}` });
    res.json(batchObject(batch, deps));
  });
  return router;
}

const namesOf = (paths: readonly string[]): string[] => [
  ...new Set(paths.map((path) => path.replace('apiParams.', ''))),
];

async function readObject(deps: BatchSubmissionsDeps, req: Request): Promise<CheckedBatch> {
  assertKnown({ query: req.query, body: undefined }, {});
  const unknown = unknownFields(withoutEmptyFields(objectBody(req.body)), true);
  if (unknown.length > 0) throw invalid(unknown.slice(0, 100).map((path) => ({ path, message: 'is not known here' })));
  const submission = parseSubmission(req.body, 'batchjobs', await deps.features(), deps.missingFeatures);
  if (submission.kind !== 'batch') throw new TypeError('only batches are expected here');
  assertSelector(submission.options);
  assertReceivers(deps, submission);
  return { request: submission, leftOut: submission.leftOut, idempotent: idempotencyOf(req, 'batches') };
}

async function readLines(deps: BatchSubmissionsDeps, req: Request, res: Response): Promise<CheckedBatch> {
  const query = parseBatchQuery(req, await deps.features(), deps.missingFeatures);
  assertReceivers(deps, query);
  const key = idempotencyKeyOf(req);
  const hash = createHash('sha256').update(`batches as lines\n${canonicalQuery(req)}\n`);
  const reader = new LineReader(query);
  const splitter = createLineSplitter((bytes, number) => reader.read(bytes, number));
  await deps.readBody(req, res, (part) => {
    if (key !== undefined) hash.update(part);
    splitter.push(part);
  });
  splitter.end();
  const { urls, lines, leftOut } = reader.end();
  const { options, batchOptions } = query;
  return {
    request: { urls, options, batchOptions, lines },
    leftOut: [...new Set([...query.leftOut, ...leftOut])],
    idempotent: key === undefined ? undefined : { key, requestHash: hash.digest() },
  };
}

/** The query without the API key, in one order. */
const canonicalQuery = (req: Request): string =>
  JSON.stringify(
    Object.entries(req.query)
      .filter(([name]) => name !== 'apiKey' && name !== 'api_key')
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

function assertReceivers(
  { forbiddenReason }: BatchSubmissionsDeps,
  { options, batchOptions }: Pick<BatchRequest, 'options' | 'batchOptions'>,
): void {
  assertNotForbidden('callback.url', options.callback?.url, forbiddenReason);
  assertNotForbidden('onDone.url', batchOptions.onDone?.url, forbiddenReason);
}
