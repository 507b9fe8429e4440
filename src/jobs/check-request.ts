import type { z } from 'zod';
import type { ProblemDetail } from './error-codes';
import type { ApiParams } from './api-params';
import { urlProblem } from './check-url';
import { missingFeatures } from './features';
import type { Features, MissingFeatures } from './features';
import { givenParams, withoutEmptyFields } from './given-params';
import type { GivenParams } from './given-params';
import { JobOptions, MAX_HEADERS, compact } from './job-options';
import type { AcceptedOptions } from './job-options';
import { needsBrowser } from './needs-browser';

/** Most details in one answer. */
const MAX_DETAILS = 100;

export type CheckedOptions =
  | {
      readonly ok: true;
      readonly options: AcceptedOptions;
      /** Paths of the parameters that were left out, such as `apiParams.premium`, or `premium` when it stood beside it. */
      readonly leftOut: readonly string[];
    }
  | {
      readonly ok: false;
      readonly code: 'invalid_request' | 'feature_not_configured';
      readonly details: readonly ProblemDetail[];
    };

/** Writes a path of zod like `apiParams.max_cost`, `urls[3]` or `headers.accept`. */
export const pathOf = (path: readonly PropertyKey[]): string =>
  path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? String(part) : `.${String(part)}`))
    .join('');

/** The first 100 problems that a schema found. */
export const detailsOf = ({ issues }: z.ZodError): ProblemDetail[] =>
  issues.slice(0, MAX_DETAILS).map(({ path, message }) => ({ path: pathOf(path), message }));

/**
 * Validates the options of a job. Parameters may stand inside `apiParams` or beside it.
 * @param features what this installation can do
 * @param missing whether parameters that need a missing feature are refused or left out
 */
export function checkOptions(
  body: Readonly<Record<string, unknown>>,
  features: Features,
  missing: MissingFeatures = 'refuse',
): CheckedOptions {
  // The number is checked first, because validating hundreds of thousands of headers would block all other requests.
  const { headers } = body;
  if (typeof headers === 'object' && headers !== null && Object.keys(headers).length > MAX_HEADERS) {
    const details = [{ path: 'headers', message: `has more than ${MAX_HEADERS} headers` }];
    return { ok: false, code: 'invalid_request', details };
  }
  const given = givenParams(body);
  const fields = withoutEmptyFields(body);
  const parsed = JobOptions.safeParse({
    ...fields,
    expectUnsuccessReport: fields['expectUnsuccessReport'] ?? fields['expectsUnsuccessReport'],
    apiParams: given.wrong ?? { ...given.beside, ...given.inside },
  });
  if (!parsed.success) return { ok: false, code: 'invalid_request', details: detailsOf(parsed.error) };
  const { meta, apiParams: asked = {}, ...options } = parsed.data;
  const contradictions = contradictionsIn(asked);
  if (contradictions.length > 0) return { ok: false, code: 'invalid_request', details: contradictions };
  const { apiParams, ignoredParams } = whatIsThere(compact(asked), features);
  // While no worker has reported, nothing is left out: the workers may have what is asked for.
  if (ignoredParams.length > 0 && (missing === 'refuse' || features.areUnknown === true)) {
    const details = ignoredParams.map((name) => ({ path: `apiParams.${name}`, message: whatIsMissing(name) }));
    return { ok: false, code: 'feature_not_configured', details };
  }
  const unfit = unfitForBrowser(apiParams, options);
  if (unfit.length > 0) return { ok: false, code: 'invalid_request', details: unfit };
  return {
    ok: true,
    leftOut: ignoredParams.flatMap((name) => placesOf(name, given)),
    options: {
      ...compact(options),
      ...(Object.keys(apiParams).length > 0 && { apiParams }),
      ...(ignoredParams.length > 0 && { ignoredParams }),
      ...(meta !== undefined && { meta }),
    },
  };
}

/** Removes parameters that need a missing feature, repeatedly: a country without a proxy of the tier may have one without it. */
function whatIsThere(asked: ApiParams, features: Features): { apiParams: ApiParams; ignoredParams: string[] } {
  const ignoredParams: string[] = [];
  let apiParams = asked;
  for (
    let names = missingFeatures(apiParams, features);
    names.length > 0;
    names = missingFeatures(apiParams, features)
  ) {
    const gone = names;
    ignoredParams.push(...gone);
    apiParams = Object.fromEntries(Object.entries(apiParams).filter(([name]) => !gone.includes(name)));
  }
  return { apiParams, ignoredParams };
}

const placesOf = (name: string, { inside, beside }: GivenParams): string[] => [
  ...(Object.hasOwn(inside, name) ? [`apiParams.${name}`] : []),
  ...(Object.hasOwn(beside, name) ? [name] : []),
];

/** The end of a sentence that begins with the name of the parameter. */
function whatIsMissing(name: string): string {
  const orIgnore = 'or MISSING_FEATURES=ignore to have the parameter left out';
  if (name === 'country_code')
    return `needs a proxy there, and this server has been given none: its owner sets PROXIES (docs/proxies.md), ${orIgnore}`;
  if (name === 'premium' || name === 'ultra_premium')
    return `needs proxies of that tier, and this server has been given none: its owner sets PROXIES (docs/proxies.md), ${orIgnore}`;
  return `needs a browser, and no worker of this server has one: its owner sets BROWSER (docs/rendering.md), ${orIgnore}`;
}

const BOTH_TIERS = 'does not go with premium: drop premium, because ultra_premium is the tier above it';

/** Parameters that contradict each other, whatever the installation can do. */
export function contradictionsIn(params: ApiParams): ProblemDetail[] {
  const details: ProblemDetail[] = [];
  const add = (name: string, message: string) => details.push({ path: `apiParams.${name}`, message });
  if (params.premium === true && params.ultra_premium === true) add('ultra_premium', BOTH_TIERS);
  const format = params.output_format ?? 'html';
  if (format === 'json' && params.autoparse !== true) add('output_format', 'json needs autoparse');
  if ((format === 'text' || format === 'markdown') && params.autoparse === true)
    add('output_format', `${format} does not go with autoparse, which makes JSON`);
  return details;
}

/** Options that do not work in a browser. */
function unfitForBrowser(params: ApiParams, { method, body }: JobOptions): ProblemDetail[] {
  if (!needsBrowser(params)) return [];
  const sent = method ?? 'GET';
  if (sent === 'HEAD') return [{ path: 'method', message: 'must not be HEAD in a browser' }];
  if (sent === 'GET' && typeof body === 'string')
    return [{ path: 'body', message: 'does not go with GET in a browser' }];
  return [];
}

/** The first 100 URLs that cannot be fetched, with what is wrong; empty when all can. */
export function urlProblems(urls: readonly unknown[], pathOfIndex: (index: number) => string): ProblemDetail[] {
  const details: ProblemDetail[] = [];
  for (let index = 0; index < urls.length && details.length < MAX_DETAILS; index++) {
    const problem = urlProblem(urls[index]);
    if (problem !== undefined) details.push({ path: pathOfIndex(index), message: problem });
  }
  return details;
}
