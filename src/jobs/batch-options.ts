import { z } from 'zod';
import { FanOut, WebhookTarget } from './job-options';
import { lenientBoolean, lenientInteger } from './lenient';

export const MAX_NAME_LENGTH = 200;
export const MAX_CLIENT_ID_LENGTH = 200;
export const MAX_TAGS = 20;
export const MAX_TAG_LENGTH = 64;
const MAX_PER_HOST = 1_000;

/** Control characters and halves of characters, which PostgreSQL cannot store as they are. */
const UNSTORABLE = /[\p{Cc}\p{Cs}]/u;

/** A short text that is stored, shown and searched for. */
export const label = (maxLength: number) =>
  z
    .string({ error: 'must be a string' })
    .max(maxLength, `is longer than ${maxLength} characters`)
    .refine((text) => !UNSTORABLE.test(text), 'contains a control character or is not well-formed Unicode');

/** Tags without doubles. A text is a comma-separated list, which is how they stand in a query. */
const tags = z
  .union(
    [z.string().max(MAX_TAGS * (MAX_TAG_LENGTH + 2)), z.array(z.string({ error: 'must be a string' })).max(1_000)],
    {
      error: 'must be an array of strings, or a text that is separated by commas',
    },
  )
  .transform((given) => [
    ...new Set(
      (typeof given === 'string' ? [given] : given)
        .flatMap((text) => (typeof given === 'string' ? text.split(',') : [text]))
        .map((text) => text.trim())
        .filter((text) => text !== ''),
    ),
  ])
  .pipe(z.array(label(MAX_TAG_LENGTH)).max(MAX_TAGS, `must be at most ${MAX_TAGS} tags`));

/**
 * Whether a batch has to be swept: credits are granted to sweeps, and the sweeps of a chunk wait for results that are fetched in another
 * one.
 */
export const isOnlySwept = (options: Pick<BatchOptions, 'maxCredits' | 'dedupe'>): boolean =>
  (options.maxCredits ?? undefined) !== undefined || options.dedupe === true;

/** Options of the batch itself, beside those of its jobs. */
export const BatchOptions = z
  .object({
    /** When it is null or absent, the size of the batch decides. */
    fanOut: FanOut.nullish(),
    /** Receiver that is called once, when all URLs of the batch have ended. */
    onDone: WebhookTarget.nullish(),
    name: label(MAX_NAME_LENGTH).nullish(),
    tags: tags.nullish(),
    /** Most credits that it may cost. */
    maxCredits: lenientInteger(1, Number.MAX_SAFE_INTEGER).nullish(),
    /** Most fetches in flight to one host, of this batch. */
    maxPerHost: lenientInteger(1, MAX_PER_HOST).nullish(),
    /** Whether URLs that are given twice with equal options are fetched once. */
    dedupe: lenientBoolean.nullish(),
  })
  .superRefine((options, context) => {
    if (options.fanOut !== 'jobs') return;
    for (const name of ['maxCredits', 'dedupe'] as const)
      if (isOnlySwept({ [name]: options[name] }))
        context.addIssue({ code: 'custom', path: ['fanOut'], message: `jobs does not go with ${name}` });
  });
export type BatchOptions = z.output<typeof BatchOptions>;

export const batchOptionNames: readonly string[] = Object.keys(BatchOptions.shape);
