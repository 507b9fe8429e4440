import type { ProblemDetail } from './error-codes';
import { apiParamNames } from './api-params';
import type { ApiParams } from './api-params';
import { urlProblem } from './check-url';
import { missingFeatures } from './features';
import type { Features } from './features';
import { JobOptions, MAX_HEADERS, compact } from './job-options';
import { needsBrowser } from './needs-browser';

/** Details listed in one answer. */
const MAX_DETAILS = 100;

export type CheckedOptions =
  | { readonly ok: true; readonly options: JobOptions }
  | {
      readonly ok: false;
      readonly code: 'invalid_request' | 'feature_not_configured';
      readonly details: readonly ProblemDetail[];
    };

/** `apiParams.max_cost`, `urls[3]`, `headers.accept`. */
export const pathOf = (path: readonly PropertyKey[]): string =>
  path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? String(part) : `.${String(part)}`))
    .join('');

/** `[]`, a number and null mean `{}`: the official samples send them. */
const asParams = (value: unknown): unknown =>
  value === null || value === undefined || typeof value === 'number' || (Array.isArray(value) && value.length === 0)
    ? {}
    : value;

/**
 * Options of a job from a request body whose parameters may stand inside `apiParams` or beside it.
 * @param features what the installation has been given
 */
export function checkOptions(body: Readonly<Record<string, unknown>>, features: Features): CheckedOptions {
  const params = asParams(body['apiParams']);
  const beside: Record<string, unknown> = Object.fromEntries(
    apiParamNames.filter((name) => Object.hasOwn(body, name)).map((name) => [name, body[name]]),
  );
  // The one parameter that clients also spell in camel case.
  if (beside['max_cost'] === undefined && Object.hasOwn(body, 'maxCost')) beside['max_cost'] = body['maxCost'];
  // Counted before anything is looked at: hundreds of thousands would keep everybody else waiting.
  const { headers } = body;
  if (typeof headers === 'object' && headers !== null && Object.keys(headers).length > MAX_HEADERS) {
    const details = [{ path: 'headers', message: `has more than ${MAX_HEADERS} headers` }];
    return { ok: false, code: 'invalid_request', details };
  }
  const candidate = {
    ...body,
    expectUnsuccessReport: body['expectUnsuccessReport'] ?? body['expectsUnsuccessReport'],
    apiParams:
      typeof params === 'object' && params !== null && !Array.isArray(params) ? { ...beside, ...params } : params,
  };
  const parsed = JobOptions.safeParse(candidate);
  if (!parsed.success) {
    const details = parsed.error.issues
      .slice(0, MAX_DETAILS)
      .map((issue) => ({ path: pathOf(issue.path), message: issue.message }));
    return { ok: false, code: 'invalid_request', details };
  }
  const apiParams: ApiParams = compact(parsed.data.apiParams ?? {});
  const contradictions = contradictionsIn(apiParams, parsed.data);
  if (contradictions.length > 0) return { ok: false, code: 'invalid_request', details: contradictions };
  const missing = missingFeatures(apiParams, features);
  if (missing.length > 0) {
    return {
      ok: false,
      code: 'feature_not_configured',
      details: missing.map((name) => ({
        path: `apiParams.${name}`,
        message: whatIsMissing(name),
      })),
    };
  }
  const { meta, apiParams: _all, ...options } = parsed.data;
  return {
    ok: true,
    options: {
      ...compact(options),
      ...(Object.keys(apiParams).length > 0 && { apiParams }),
      ...(meta !== undefined && { meta }),
    },
  };
}

/** As the end of a sentence. */
function whatIsMissing(name: string): string {
  if (name === 'country_code') return 'needs a proxy there, and this server has been given none (docs/proxies.md)';
  if (name === 'premium' || name === 'ultra_premium')
    return 'needs proxies of that tier, and this server has been given none (docs/proxies.md)';
  return 'needs a browser, and no worker of this server has one (docs/rendering.md)';
}

/** Parameters that cannot be had together. */
function contradictionsIn(params: ApiParams, { method, body }: JobOptions): ProblemDetail[] {
  const details: ProblemDetail[] = [];
  const add = (name: string, message: string) => details.push({ path: `apiParams.${name}`, message });
  if (params.premium === true && params.ultra_premium === true) add('ultra_premium', 'does not go with premium');
  const format = params.output_format ?? 'html';
  if (format === 'json' && params.autoparse !== true) add('output_format', 'json needs autoparse');
  if ((format === 'text' || format === 'markdown') && params.autoparse === true)
    add('output_format', `${format} does not go with autoparse, which makes JSON`);
  if (!needsBrowser(params)) return details;
  const sent = method ?? 'GET';
  if (sent === 'HEAD') details.push({ path: 'method', message: 'must not be HEAD in a browser' });
  else if (sent === 'GET' && typeof body === 'string')
    details.push({ path: 'body', message: 'does not go with GET in a browser' });
  return details;
}

/** Every URL that cannot be fetched, by index, the first 100; empty when all are good. */
export function urlProblems(urls: readonly unknown[], pathOfIndex: (index: number) => string): ProblemDetail[] {
  const details: ProblemDetail[] = [];
  for (let index = 0; index < urls.length && details.length < MAX_DETAILS; index++) {
    const problem = urlProblem(urls[index]);
    if (problem !== undefined) details.push({ path: pathOfIndex(index), message: problem });
  }
  return details;
}
