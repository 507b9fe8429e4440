import { z } from 'zod';
import { isJsonObject } from './given-params';

const MAX_ENTRIES = 20;
const MAX_LENGTH = 1_000;
/** Largest page that is stored, 50 MB. */
const MAX_BYTES = 50_000_000;

const statusCode = z
  .number({ error: 'must be an integer from 100 to 599' })
  .refine((value) => Number.isInteger(value) && value >= 100 && value <= 599, 'must be an integer from 100 to 599');

const text = z
  .string({ error: 'must be a string' })
  .min(1, 'must not be empty')
  .max(MAX_LENGTH, `is longer than ${MAX_LENGTH} characters`);

/** Accepts one item or a list of them, and always returns a list. */
const oneOrMore = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (value) => (value === undefined || value === null || Array.isArray(value) ? value : [value]),
    z.array(item).min(1, 'must not be empty').max(MAX_ENTRIES, `has more than ${MAX_ENTRIES} entries`),
  );

const NEEDED = 'must be an object with at least one of status, contains, notContains, selector and minBytes';

const fields = z
  .strictObject(
    {
      /** The status is one of these. */
      status: oneOrMore(statusCode).optional(),
      /** The text of the page contains all of these. */
      contains: oneOrMore(text).optional(),
      /** The text of the page contains none of these. */
      notContains: oneOrMore(text).optional(),
      /** The page has an element that matches this CSS selector. */
      selector: text.optional(),
      /** Minimum size of the body after decompression. */
      minBytes: z
        .number({ error: 'must be an integer' })
        .int('must be an integer')
        .min(0, 'must be at least 0')
        .max(MAX_BYTES, `must be at most ${MAX_BYTES}`)
        .optional(),
    },
    { error: NEEDED },
  )
  .refine((rule) => Object.values(rule).some((value) => value !== undefined), NEEDED);

const KNOWN: ReadonlySet<string> = new Set(Object.keys(fields.shape));

/**
 * What a fetched page has to meet to count as a success. The page is fetched again until all given conditions are met.
 * Only the length of a selector is checked here; callers have to compile it as well.
 */
export const SuccessRule = z.preprocess((value, context) => {
  // Unknown fields are errors, because a typo would silently make a weaker rule.
  const unknown = isJsonObject(value) ? Object.keys(value).filter((key) => !KNOWN.has(key)) : [];
  for (const key of unknown.slice(0, MAX_ENTRIES))
    context.addIssue({ code: 'custom', path: [key.slice(0, 100)], message: 'is not a field of a success rule' });
  return value;
}, fields);
export type SuccessRule = z.output<typeof SuccessRule>;
