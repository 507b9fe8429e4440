import { apiParamNames } from './api-params';

/** Whether a JSON value is an object, and not null, an array or a scalar. */
export const isJsonObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

type Fields = Readonly<Record<string, unknown>>;

/** Forms send empty strings for fields that were left empty, so these count as absent, as null does. */
export const isGiven = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

/** PHP writes an empty map as `[]`. */
export const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** Fields of a submission in which an empty string counts as absent. `meta` is not among them, because it is echoed as it is. */
const TEXT_FIELDS = [
  'method',
  'body',
  'timeoutSec',
  'expectUnsuccessReport',
  'expectsUnsuccessReport',
  'fanOut',
  'urls',
  'name',
  'tags',
  'maxCredits',
  'maxPerHost',
  'dedupe',
];
/**
 * Fields that hold an object. A string in their place is an error, even an empty one, because a callback that is silently dropped
 * would be noticed too late.
 */
const OBJECT_FIELDS = ['headers', 'callback', 'successWhen', 'onDone'];

/** Removes fields that are present but empty. */
export function withoutEmptyFields(body: Fields): Record<string, unknown> {
  const saysNothing = (name: string): boolean =>
    (TEXT_FIELDS.includes(name) && body[name] === '') || (OBJECT_FIELDS.includes(name) && isEmptyList(body[name]));
  return Object.fromEntries(Object.entries(body).filter(([name]) => !saysNothing(name)));
}

/** Picks the parameters of a fetch out of an object, unchecked. Some clients spell `max_cost` in camel case. */
export function paramsIn(source: Fields): Record<string, unknown> {
  const isIn = (name: string): boolean => Object.hasOwn(source, name) && isGiven(source[name]);
  return {
    ...(isIn('maxCost') && { max_cost: source['maxCost'] }),
    ...Object.fromEntries(apiParamNames.filter(isIn).map((name) => [name, source[name]])),
  };
}

/** Parameters of a submission: those inside `apiParams`, and those beside it. */
export interface GivenParams {
  readonly beside: Readonly<Record<string, unknown>>;
  readonly inside: Readonly<Record<string, unknown>>;
  /** The value of `apiParams` when it is something that cannot hold parameters. */
  readonly wrong?: unknown;
}

/**
 * Reads the parameters of a submission. An `apiParams` of `[]`, null or a number counts as empty, because ScraperAPI's own samples
 * send these.
 */
export function givenParams(body: Fields): GivenParams {
  const beside = paramsIn(body);
  const { apiParams } = body;
  if (apiParams === undefined || apiParams === null || typeof apiParams === 'number' || isEmptyList(apiParams))
    return { beside, inside: {} };
  return isJsonObject(apiParams) ? { beside, inside: paramsIn(apiParams) } : { beside, inside: {}, wrong: apiParams };
}
