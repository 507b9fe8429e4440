import type { EffectiveOptions } from './batch-lines';
import { checkOptions, detailsOf } from './check-request';
import type { CheckedOptions } from './check-request';
import type { ProblemDetail } from './error-codes';
import type { Features, MissingFeatures } from './features';
import { givenParams, isEmptyList } from './given-params';
import { JobOptions, MAX_HEADERS } from './job-options';
import type { AcceptedOptions } from './job-options';

/** Fields of a line that are options of its job. */
export const lineOptionNames = ['method', 'headers', 'body', 'successWhen', 'apiParams'] as const;

type Fields = Readonly<Record<string, unknown>>;

export type CheckedLine =
  | {
      readonly ok: true;
      /** The options that the line has itself, without `meta`; complete, because they replace those of the batch by name. */
      readonly own: AcceptedOptions | undefined;
      readonly effective: EffectiveOptions;
      /** Paths of the parameters that were left out. */
      readonly leftOut: readonly string[];
    }
  | Extract<CheckedOptions, { ok: false }>;

/** The options of all URLs, over which those of a line stand: headers and a body are not among them. */
export interface CommonOptions {
  readonly options: AcceptedOptions;
  /** Parameters of the fetch as they were sent. */
  readonly params: Fields;
  readonly features: Features;
  readonly missingFeatures: MissingFeatures;
  /** Whether equal lines are looked for, so that fingerprints are needed. */
  readonly isDeduped: boolean;
}

/** Longer texts are not remembered, and nor are more of them. */
const MAX_KEY_LENGTH = 2_000;
const MAX_KNOWN = 1_000;

/** Remembers what a function returned for values with the same JSON. */
function remembering<I, O>(work: (input: I) => O): (input: I) => O {
  const known = new Map<string, O>();
  return (input) => {
    const key = JSON.stringify(input);
    const before = known.get(key);
    if (before !== undefined) return before;
    const result = work(input);
    if (known.size >= MAX_KNOWN) known.clear();
    if (key.length <= MAX_KEY_LENGTH) known.set(key, result);
    return result;
  };
}

/**
 * Returns a check of the options of lines. Equal parameters and equal headers are checked once, because most files have the same few for
 * all lines; bodies differ, and need no check but of their type.
 */
export function createLineCheck(common: CommonOptions): (fields: Fields) => CheckedLine {
  const checkPlain = remembering((fields: Fields) => check(common, fields));
  const checkHeaders = remembering((headers: unknown) => headersOf(headers, common.isDeduped));
  const none = check(common, {});
  return (fields) => {
    const { method, headers, body, successWhen, apiParams } = fields;
    const hasBody = typeof body === 'string' && body !== '';
    const hasHeaders = isThere(headers) && !isEmptyList(headers);
    const plain = { method, successWhen, apiParams, body: hasBody ? ANY_BODY : body };
    const hasPlain = Object.values(plain).some(isThere);
    const checked = hasPlain ? checkPlain(plain) : none;
    if (!checked.ok || (!hasBody && !hasHeaders)) return checked;
    const ofHeaders = hasHeaders ? checkHeaders(headers) : undefined;
    if (ofHeaders?.ok === false) return ofHeaders;
    const own = { ...checked.own, ...(ofHeaders && { headers: ofHeaders.headers }), ...(hasBody && { body }) };
    if (!common.isDeduped) return { ...checked, own };
    const fingerprint = [checked.effective.fingerprint, ofHeaders?.fingerprint, hasBody ? body : ''].join('\n');
    return { ...checked, own, effective: { ...checked.effective, fingerprint } };
  };
}

const isThere = (value: unknown): boolean => value !== undefined && value !== null;

/** Stands for all bodies, which are not looked into. */
const ANY_BODY = 'any';

const HeaderField = JobOptions.pick({ headers: true });

function headersOf(headers: unknown, isDeduped: boolean) {
  const tooMany = typeof headers === 'object' && headers !== null && Object.keys(headers).length > MAX_HEADERS;
  if (tooMany) return refused([{ path: 'headers', message: `has more than ${MAX_HEADERS} headers` }]);
  const parsed = HeaderField.safeParse({ headers });
  if (!parsed.success) return refused(detailsOf(parsed.error));
  const sent = parsed.data.headers;
  return { ok: true, headers: sent, fingerprint: isDeduped ? canonical(sent) : '' } as const;
}

const refused = (details: readonly ProblemDetail[]) => ({ ok: false, code: 'invalid_request', details }) as const;

function check(common: CommonOptions, fields: Fields): CheckedLine {
  const { options, params, features, missingFeatures, isDeduped } = common;
  const { inside, wrong } = givenParams({ apiParams: fields['apiParams'] });
  const checked = checkOptions({ ...fields, apiParams: wrong ?? { ...params, ...inside } }, features, missingFeatures);
  if (!checked.ok) return checked;
  const { apiParams: all, ignoredParams, body: _any, ...rest } = checked.options;
  const hasParams = Object.keys(inside).length > 0;
  // Without any, those of the batch still have to be hidden.
  const left = ignoredParams ?? (options.ignoredParams === undefined ? undefined : []);
  const own = {
    ...rest,
    ...(hasParams && { apiParams: all ?? {} }),
    ...(hasParams && left !== undefined && { ignoredParams: left }),
  };
  const { method, successWhen, apiParams = {} } = { ...options, ...own };
  return {
    ok: true,
    own: Object.keys(own).length > 0 ? own : undefined,
    effective: {
      apiParams,
      fingerprint: isDeduped ? canonical({ method: method ?? 'GET', successWhen, apiParams }) : '',
    },
    leftOut: checked.leftOut,
  };
}

/** JSON in which the fields of objects are in one order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

/** Says what is wrong with the `meta` of a line. */
export function metaProblem(meta: unknown): string | undefined {
  const parsed = JobOptions.shape.meta.safeParse(meta);
  return parsed.success ? undefined : parsed.error.issues[0]?.message;
}
