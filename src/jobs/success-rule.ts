import { z } from 'zod';

const MAX_ENTRIES = 20;
const MAX_LENGTH = 1_000;
/** As large as a page may be. */
const MAX_BYTES = 50_000_000;

const statusCode = z
  .number({ error: 'must be an integer from 100 to 599' })
  .refine((value) => Number.isInteger(value) && value >= 100 && value <= 599, 'must be an integer from 100 to 599');

const text = z
  .string({ error: 'must be a string' })
  .min(1, 'must not be empty')
  .max(MAX_LENGTH, `is longer than ${MAX_LENGTH} characters`);

/** One of a kind, or a list of them; always a list when it is read. */
const oneOrMore = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (value) => (value === undefined || value === null || Array.isArray(value) ? value : [value]),
    z.array(item).min(1, 'must not be empty').max(MAX_ENTRIES, `has more than ${MAX_ENTRIES} entries`),
  );

const NEEDED = 'must be an object with at least one of status, contains, notContains, selector and minBytes';

const fields = z
  .strictObject(
    {
      /** One of these. */
      status: oneOrMore(statusCode).optional(),
      /** All of these are in the text of the page. */
      contains: oneOrMore(text).optional(),
      /** None of these is. */
      notContains: oneOrMore(text).optional(),
      /** CSS: there is such an element. */
      selector: text.optional(),
      /** Of the unpacked body. */
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
 * What makes a page a success besides having come: all that is given has to be met, or the page is fetched again.
 * A selector is looked at for its length only: whoever takes a rule compiles it as well.
 */
export const SuccessRule = z.preprocess((value, context) => {
  // By path: a typo would make a rule that means something else.
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const unknown = isObject ? Object.keys(value).filter((key) => !KNOWN.has(key)) : [];
  for (const key of unknown.slice(0, MAX_ENTRIES))
    context.addIssue({ code: 'custom', path: [key.slice(0, 100)], message: 'is not a field of a success rule' });
  return value;
}, fields);
export type SuccessRule = z.output<typeof SuccessRule>;
