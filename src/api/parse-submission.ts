import { apiParamNames } from '../jobs/api-params';
import { BatchOptions, batchOptionNames } from '../jobs/batch-options';
import type { AcceptedOptions, JobOptions } from '../jobs/job-options';
import { checkOptions, urlProblems } from '../jobs/check-request';
import type { Features, MissingFeatures } from '../jobs/features';
import { isJsonObject, withoutEmptyFields } from '../jobs/given-params';
import { MAX_BATCH_URLS } from '../jobs/job-id';
import { selectorProblem } from '../convert/selector-problem';
import { checkedWith, invalid, objectBody } from './checked-input';
import { ProblemError } from './problem';

export type Submission =
  | {
      readonly kind: 'job';
      readonly url: string;
      readonly options: AcceptedOptions;
      /** Paths of fields that do not count: those that are not known, and those that were left out. */
      readonly ignored: readonly string[];
      /** Paths of parameters that were left out, because this server has not been given what they need. */
      readonly leftOut: readonly string[];
    }
  | {
      readonly kind: 'batch';
      readonly urls: readonly string[];
      readonly batchOptions: BatchOptions;
      readonly options: AcceptedOptions;
      /** Paths of fields that do not count: those that are not known, and those that were left out. */
      readonly ignored: readonly string[];
      /** Paths of parameters that were left out, because this server has not been given what they need. */
      readonly leftOut: readonly string[];
    };

const KNOWN_FIELDS = new Set([
  ...[
    'apiKey',
    'api_key',
    'url',
    'urls',
    'method',
    'headers',
    'body',
    'callback',
    'expectUnsuccessReport',
    'expectsUnsuccessReport',
    'timeoutSec',
    'meta',
    'apiParams',
    'maxCost',
    'successWhen',
  ],
  ...apiParamNames,
]);

/** Paths of unknown fields of a submission. */
export function unknownFields(body: Record<string, unknown>, isBatch: boolean): string[] {
  const params = body['apiParams'];
  const inParams = isJsonObject(params) ? Object.keys(params) : [];
  return [
    ...Object.keys(body).filter((name) => !KNOWN_FIELDS.has(name) && !(isBatch && batchOptionNames.includes(name))),
    ...inParams
      .filter((name) => !apiParamNames.includes(name) && name !== 'maxCost')
      .map((name) => `apiParams.${name}`),
  ];
}

/**
 * Parses a submission of either route. `urls` makes a batch and `url` a single job, except on `/batchjobs`, where both make a batch.
 * @param features what the workers can do
 * @param missing whether parameters that need a missing feature are refused or left out
 * @throws ProblemError that names the first 100 bad URLs or fields
 */
export function parseSubmission(
  rawBody: unknown,
  route: 'jobs' | 'batchjobs',
  features: Features,
  missing: MissingFeatures = 'refuse',
): Submission {
  const body = withoutEmptyFields(objectBody(rawBody));
  const given = body['urls'] ?? undefined;
  const isBatch = route === 'batchjobs' || given !== undefined;
  const urls: unknown =
    given === undefined
      ? isBatch && body['url'] !== undefined
        ? [body['url']]
        : undefined
      : Array.isArray(given)
        ? given
        : [given];
  if (isBatch) assertCount(urls);
  const targets = isBatch ? (urls as unknown[]) : [body['url']];
  const problems = urlProblems(targets, (index) => (isBatch ? `urls[${index}]` : 'url'));
  if (problems.length > 0) {
    const [first] = problems;
    const missing = !isBatch && body['url'] === undefined;
    throw new ProblemError('invalid_url', missing ? 'url is missing.' : `${first?.path} ${first?.message}.`, {
      details: problems,
    });
  }
  const checked = checkOptions(body, features, missing);
  if (!checked.ok) throw invalid(checked.details, checked.code);
  // Unknown fields are not errors, but naming them helps to find typos.
  const common = {
    options: checked.options,
    leftOut: checked.leftOut,
    ignored: [...unknownFields(body, isBatch), ...checked.leftOut],
  };
  return isBatch
    ? { kind: 'batch', urls: targets as string[], batchOptions: checkedWith(BatchOptions, body), ...common }
    : { kind: 'job', url: targets[0] as string, ...common };
}

/**
 * Compiles the selector of `successWhen`. The schema cannot do that, because `jobs` knows no HTML parser.
 * @throws ProblemError `invalid_request`
 */
export function assertSelector({ successWhen }: JobOptions): void {
  const problem = selectorProblem(successWhen?.selector);
  if (problem === undefined) return;
  throw invalid([{ path: 'successWhen.selector', message: problem }]);
}

function assertCount(urls: unknown): void {
  if (!Array.isArray(urls) || urls.length === 0)
    throw new ProblemError('invalid_url', 'urls must hold at least one URL.', {
      details: [{ path: 'urls', message: 'must hold at least one URL' }],
    });
  if (urls.length > MAX_BATCH_URLS) {
    throw new ProblemError(
      'too_many_urls',
      `A batch takes at most ${MAX_BATCH_URLS} URLs, this one has ${urls.length}.`,
      {
        details: [{ path: 'urls', message: `has ${urls.length} items, the limit is ${MAX_BATCH_URLS}` }],
      },
    );
  }
}
