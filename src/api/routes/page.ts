import { isUtf8 } from 'node:buffer';
import { Router } from 'express';
import type { Request, RequestHandler, Response } from 'express';
import { screenshotUrl } from '../../jobs/screenshot-url';
import { responseHeaders } from '../../http/present-headers';
import { apiParamNames } from '../../jobs/api-params';
import { paramsIn } from '../../jobs/given-params';
import type { OpenPage, OpenedPage } from '../../pages/open-page';
import { findJob } from '../../store/jobs';
import type { StoredJob } from '../../store/jobs';
import { acceptSingleJob } from '../accept-single-job';
import type { AcceptDeps } from '../accept-single-job';
import { cancelJob } from '../cancel-job';
import type { CancelJobDeps } from '../cancel-job';
import { forwardedHeaders } from '../forwarded-headers';
import type { ReadBody } from '../middleware/read-body';
import { nameIgnored } from '../ignored-parameters';
import { ProblemError } from '../problem';
import { rateLimitHeaders } from '../rate-limit-headers';
import { STRANGERS_PAGE, sendPage } from '../send-page';
import { takeSubmission } from '../take-submission';
import type { TakeSubmissionDeps } from '../take-submission';
import { waitingPlaceOf } from '../waiting-for-jobs';
import type { WaitingDeps } from '../waiting-for-jobs';
import { existingJob } from './existing-job';
import type { ExistingJobDeps } from './existing-job';

export interface PageDeps
  extends AcceptDeps, TakeSubmissionDeps, CancelJobDeps, WaitingDeps, Omit<ExistingJobDeps, 'database'> {
  readonly openPage: OpenPage;
  readonly publicUrl: string;
  readonly readBody: ReadBody;
}

/**
 * Serves `GET`, `POST` and `PUT /?api_key=&url=&…`, the hosted service's synchronous form: the answer is the page itself. A job that is not
 * finished when the time is over, or when the client hangs up, is cancelled and costs nothing, because nobody else knows of it.
 */
export function pageRouter(deps: PageDeps): Router {
  const router = Router();
  const answer: RequestHandler = async (req, res, next) => {
    // Without a URL the path is not ours.
    if (req.query['url'] === undefined) return next();
    const place = waitingPlaceOf(deps, res);
    const { key, submission } = await takeSubmission(deps, { req, res }, 'jobs', () => fieldsOf(deps, req, res));
    if (submission.kind === 'batch') throw new Error('one url became a batch');
    nameIgnored(res, [...unknownIn(req.query), ...(submission.options.ignoredParams ?? [])]);
    const { url, options } = submission;
    const { id, allowance } = await acceptSingleJob(deps, { key, url, options, idempotent: undefined });
    res.set({ 'X-Job-Id': id, ...(allowance && rateLimitHeaders(allowance)) });
    await place.ended(id, deps.syncWaitSec * 1_000);
    const job = await endedJob(deps, id);
    if (res.closed) return;
    const page = job.status === 'finished' ? await deps.openPage(job) : undefined;
    if (page === undefined) throw notFetched(job, deps.syncWaitSec);
    res.status(page.statusCode);
    setHeaders(res, job, page, deps.publicUrl);
    res.vary('Accept-Encoding');
    await sendPage(req, res, page);
  };
  router.get('/', answer);
  router.post('/', answer);
  router.put('/', answer);
  return router;
}

/** Everything that a submission needs, from the query, the headers and the body of the request. */
async function fieldsOf({ readBody, syncWaitSec }: PageDeps, req: Request, res: Response) {
  const parts: Buffer[] = [];
  if (['POST', 'PUT'].includes(req.method)) await readBody(req, res, (part) => parts.push(part));
  const bytes = Buffer.concat(parts);
  if (!isUtf8(bytes)) {
    const message = 'must be UTF-8 text, because it is stored as that';
    throw new ProblemError('invalid_request', `The body ${message}.`, { details: [{ path: 'body', message }] });
  }
  return {
    url: req.query['url'],
    method: req.method,
    headers: forwardedHeaders(req),
    ...(bytes.length > 0 && { body: bytes.toString('utf8') }),
    timeoutSec: syncWaitSec,
    apiParams: paramsIn(req.query),
  };
}

const KNOWN = new Set(['url', 'api_key', 'apiKey', 'maxCost', ...apiParamNames]);
const unknownIn = (query: Request['query']): string[] => Object.keys(query).filter((name) => !KNOWN.has(name));

/** The job, cancelled if it is still running. */
async function endedJob(deps: PageDeps, id: string): Promise<StoredJob> {
  const read = () => existingJob(deps, (each) => findJob(deps.database, each), id);
  const job = await read();
  if (job.status !== 'running') return job;
  await cancelJob(deps, job);
  return read();
}

/** Headers of the target that are about its own origin, and would be taken for ours. */
const OF_ORIGIN = /^(access-control-.*|alt-svc|clear-site-data|content-security-policy.*|content-length|content-type|cross-origin-.*|date|nel|public-key-pins.*|ratelimit.*|report-to|reporting-endpoints|retry-after|server-timing|service-worker-allowed|strict-transport-security|vary|x-job-id|x-request-id|x-content-type-options)$/; // prettier-ignore

function setHeaders(res: Response, job: StoredJob, page: OpenedPage, publicUrl: string): void {
  for (const [name, value] of Object.entries(responseHeaders(page, page.bodyBytes)))
    if (!OF_ORIGIN.test(name)) res.setHeader(name, sendable(value));
  if (job.credits !== undefined) res.set('sa-credit-cost', String(job.credits));
  if (job.hasScreenshot === true) res.set('sa-screenshot', screenshotUrl(publicUrl, job.id));
  res.set(STRANGERS_PAGE);
}

/** What a lenient reader took from the target may hold what Node refuses to send. */
const sendable = (value: string): string => value.replace(/[^\t\x20-\x7e\x80-\xff]/g, ' ');

/** A sentence about a job that brought no page. */
function notFetched({ id, status, failReason, lastFailure, url }: StoredJob, waitedSec: number): ProblemError {
  const members = {
    jobId: id,
    ...(failReason !== undefined && { failReason }),
    ...(lastFailure !== undefined && { lastFailure }),
  };
  if (failReason === 'forbidden_target' || failReason === 'max_cost_exceeded' || failReason === 'credits_exhausted')
    return new ProblemError(failReason, `${url} was not fetched: ${failReason}. This request costs nothing.`, {
      members,
    });
  const { reason, statusCode, detail } = lastFailure ?? {};
  const last =
    reason === undefined ? '' : ` The last attempt: ${[reason, statusCode, detail].filter(Boolean).join(', ')}.`;
  const isOver = status !== 'failed' || failReason === 'failed_due_to_timeout';
  const what = isOver
    ? `could not be fetched within ${waitedSec} s`
    : `could not be fetched: ${failReason ?? 'failed'}`;
  return new ProblemError('fetch_failed', `${url} ${what}.${last} This request costs nothing.`, { members });
}
