import { apiParamNames } from './api-params';

type Fields = Readonly<Record<string, unknown>>;

/** Forms send empty texts for what was left empty, so those count as absent, as null does. */
export const isGiven = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

/** PHP writes an empty map as `[]`. */
const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** Fields of a submission in which an empty text is no value. `meta` is echoed as it is, whatever it is. */
const TEXT_FIELDS = [
  'method',
  'body',
  'timeoutSec',
  'expectUnsuccessReport',
  'expectsUnsuccessReport',
  'fanOut',
  'urls',
];
/** Those that hold an object. A text in their place is a mistake, an empty one too: a callback that goes missing would be missed late. */
const OBJECT_FIELDS = ['headers', 'callback', 'successWhen', 'onDone'];

/** A submission without the fields that are there and say nothing. */
export function withoutEmptyFields(body: Fields): Record<string, unknown> {
  const saysNothing = (name: string): boolean =>
    (TEXT_FIELDS.includes(name) && body[name] === '') || (OBJECT_FIELDS.includes(name) && isEmptyList(body[name]));
  return Object.fromEntries(Object.entries(body).filter(([name]) => !saysNothing(name)));
}

/** The parameters of a fetch that an object holds, unchecked. Clients also spell `max_cost` in camel case. */
export function paramsIn(source: Fields): Record<string, unknown> {
  const isIn = (name: string): boolean => Object.hasOwn(source, name) && isGiven(source[name]);
  return {
    ...(isIn('maxCost') && { max_cost: source['maxCost'] }),
    ...Object.fromEntries(apiParamNames.filter(isIn).map((name) => [name, source[name]])),
  };
}

/** Parameters of a submission by where they stand. */
export interface GivenParams {
  readonly beside: Readonly<Record<string, unknown>>;
  readonly inside: Readonly<Record<string, unknown>>;
  /** `apiParams` where it is nothing that could hold parameters. */
  readonly wrong?: unknown;
}

/** `[]`, a number and null mean that there is nothing inside: the official samples send them. */
export function givenParams(body: Fields): GivenParams {
  const beside = paramsIn(body);
  const { apiParams } = body;
  if (apiParams === undefined || apiParams === null || typeof apiParams === 'number' || isEmptyList(apiParams))
    return { beside, inside: {} };
  if (typeof apiParams !== 'object' || Array.isArray(apiParams)) return { beside, inside: {}, wrong: apiParams };
  return { beside, inside: paramsIn(apiParams as Fields) };
}
