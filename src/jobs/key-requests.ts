import { z } from 'zod';
import { lenientInteger } from './lenient';

const MAX_INTEGER = 2_147_483_647; // largest value of a column of type `integer`

/** Whether a key may have this name: 1 to 100 printable characters without spaces around them. */
export const isKeyName = (name: string): boolean =>
  /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,100}$/u.test(name) && name.trim() === name;

const name = z
  .string({ error: ({ input }) => (input === undefined ? 'is missing' : 'must be a string') })
  .refine(isKeyName, 'must be 1 to 100 printable characters without spaces around them');

/** The least and the most that each limit of a key may be. */
export const keyLimitRanges = {
  credits: [0, Number.MAX_SAFE_INTEGER],
  concurrency: [1, MAX_INTEGER],
  submitsPerSecond: [1, MAX_INTEGER],
  maxUnfinished: [1, Number.MAX_SAFE_INTEGER],
} as const;

const limitOf = (limit: keyof typeof keyLimitRanges) => {
  const [min, max] = keyLimitRanges[limit];
  return z.int({ error: 'must be an integer' }).min(min, `must be at least ${min}`).max(max, `must be at most ${max}`);
};

/** Null stands for the default, which for credits and concurrency is no limit. */
const limits = z.strictObject(
  {
    credits: limitOf('credits').nullish(),
    concurrency: limitOf('concurrency').nullish(),
    submitsPerSecond: limitOf('submitsPerSecond').nullish(),
    maxUnfinished: limitOf('maxUnfinished').nullish(),
  },
  {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `has fields that are not known here; known are ${Object.keys(keyLimitRanges).join(', ')}`
        : 'must be an object',
  },
);

const isAdmin = z.boolean({ error: 'must be true or false' });

/** Body of `POST /keys`. */
export const NewKey = z.object({ name, isAdmin: isAdmin.optional(), limits: limits.optional() });

/** Body of `PATCH /keys/:id`. */
export const KeyPatch = z
  .object({ name: name.optional(), isAdmin: isAdmin.optional(), limits: limits.optional() })
  .refine((given) => Object.values(given).some((value) => value !== undefined), {
    error: 'has none of name, isAdmin and limits',
  });

/** Query of `GET /keys`. */
export const KeyListQuery = z.object({
  limit: lenientInteger(1, 1_000).optional(),
  cursor: z.string({ error: 'must be given once' }).max(500, 'is not one of this list').optional(),
});
