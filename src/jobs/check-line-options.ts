import type { EffectiveOptions } from './batch-lines';
import { checkOptions } from './check-request';
import type { CheckedOptions } from './check-request';
import type { Features, MissingFeatures } from './features';
import { givenParams } from './given-params';
import { JobOptions } from './job-options';
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

/** The options of all URLs, against which those of a line are checked. */
export interface CommonOptions {
  readonly options: AcceptedOptions;
  /** Parameters of the fetch as they were sent. */
  readonly params: Fields;
  readonly features: Features;
  readonly missingFeatures: MissingFeatures;
}

/** Longer texts of options are not remembered, and nor are more of them. */
const MAX_KEY_LENGTH = 2_000;
const MAX_KNOWN = 1_000;

/** Returns a check of the options of lines. Equal ones are checked once, because most files have the same few for all lines. */
export function createLineCheck(common: CommonOptions): (fields: Fields) => CheckedLine {
  const known = new Map<string, CheckedLine>();
  const none: CheckedLine = {
    ok: true,
    own: undefined,
    effective: effectiveOf(common.options, {}),
    leftOut: [],
  };
  return (fields) => {
    const given = lineOptionNames.filter((name) => (fields[name] ?? undefined) !== undefined);
    if (given.length === 0) return none;
    const key = JSON.stringify(given.map((name) => [name, fields[name]]));
    const before = known.get(key);
    if (before !== undefined) return before;
    const checked = check(common, fields);
    if (known.size >= MAX_KNOWN) known.clear();
    if (key.length <= MAX_KEY_LENGTH) known.set(key, checked);
    return checked;
  };
}

function check({ options, params, features, missingFeatures }: CommonOptions, fields: Fields): CheckedLine {
  const { method, headers, body, successWhen, apiParams } = fields;
  const { inside, wrong } = givenParams({ apiParams });
  const merged = wrong ?? { ...params, ...inside };
  const checked = checkOptions({ method, headers, body, successWhen, apiParams: merged }, features, missingFeatures);
  if (!checked.ok) return checked;
  const { apiParams: all, ignoredParams, ...rest } = checked.options;
  const hasParams = Object.keys(inside).length > 0;
  // Without any, those of the batch still have to be hidden.
  const left = ignoredParams ?? (options.ignoredParams === undefined ? undefined : []);
  const own = {
    ...rest,
    ...(hasParams && { apiParams: all ?? {} }),
    ...(hasParams && left !== undefined && { ignoredParams: left }),
  };
  return {
    ok: true,
    own: Object.keys(own).length > 0 ? own : undefined,
    effective: effectiveOf(options, own),
    leftOut: checked.leftOut,
  };
}

function effectiveOf(common: AcceptedOptions, own: AcceptedOptions): EffectiveOptions {
  const { method, headers, body, successWhen, apiParams = {} } = { ...common, ...own };
  const fingerprint = canonical({ method: method ?? 'GET', headers, body, successWhen, apiParams });
  return { apiParams, fingerprint };
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
