import type { Request, Response } from 'express';
import { isGiven, isJsonObject } from '../jobs/given-params';
import type { Features, MissingFeatures } from '../jobs/features';
import type { ApiKey } from '../store/api-keys';
import type { NoteIgnored } from '../telemetry/note-ignored';
import { assertNotForbidden } from './checked-input';
import type { ForbiddenReason } from './checked-input';
import { nameIgnored } from './ignored-parameters';
import { authenticate } from './middleware/authenticate';
import type { FindApiKey } from './middleware/authenticate';
import { assertSelector, parseSubmission } from './parse-submission';
import type { Submission } from './parse-submission';

export interface TakeSubmissionDeps {
  readonly findApiKey: FindApiKey;
  readonly forbiddenReason: ForbiddenReason;
  /** What the workers can do now. */
  readonly features: () => Promise<Features>;
  /** Whether parameters that need a missing feature are refused or left out. */
  readonly missingFeatures: MissingFeatures;
  readonly noteIgnored: NoteIgnored;
}

/**
 * Checks a request to fetch something, and names in the answer what of it is ignored.
 * @param bodyOf gives the fields of a submission; it is called once the key is known to be good
 * @throws ProblemError that says what is wrong
 */
export async function takeSubmission(
  deps: TakeSubmissionDeps,
  { req, res }: { readonly req: Request; readonly res: Response },
  route: 'jobs' | 'batchjobs',
  bodyOf: () => unknown = () => req.body,
): Promise<{ readonly key: ApiKey; readonly submission: Submission }> {
  const key = await authenticate(req, res, deps.findApiKey);
  req.body = withInstructions(req, await bodyOf());
  const submission = parseSubmission(req.body, route, await deps.features(), deps.missingFeatures);
  assertSelector(submission.options);
  assertAllowed(submission, deps.forbiddenReason);
  nameIgnored(res, submission.ignored);
  deps.noteIgnored(key.id, submission.options.ignoredParams ?? []);
  return { key, submission };
}

/** Adds the steps for a browser that were sent in a header, unless the body has some. */
function withInstructions(req: Request, body: unknown): unknown {
  const steps = req.get('x-sapi-instruction_set');
  if (steps === undefined || !isJsonObject(body)) return body;
  return isGiven(body['instruction_set']) ? body : { ...body, instruction_set: steps };
}

/** Refuses forbidden addresses. A forbidden target inside a batch is not refused here, because it fails only its own job. */
function assertAllowed(submission: Submission, forbiddenReason: ForbiddenReason): void {
  if (submission.kind === 'job') assertNotForbidden('url', submission.url, forbiddenReason);
  assertNotForbidden('callback.url', submission.options.callback?.url, forbiddenReason);
  if (submission.kind === 'batch')
    assertNotForbidden('onDone.url', submission.batchOptions.onDone?.url, forbiddenReason);
}
