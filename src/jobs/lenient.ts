import { z } from 'zod';

/** Strings that count as true. Clients send booleans and numbers as strings, so these schemas accept both. */
const TRUE = ['true', '1', 'yes', 'on'];
const FALSE = ['false', '0', 'no', 'off', ''];

export const lenientBoolean = z.union([z.boolean(), z.literal([0, 1]), z.string()]).transform((value, context) => {
  if (typeof value === 'boolean') return value;
  const text = String(value).toLowerCase();
  if (TRUE.includes(text)) return true;
  if (FALSE.includes(text)) return false;
  context.addIssue({ code: 'custom', message: 'must be true or false' });
  return z.NEVER;
});

/** Accepts an integer, or a string that is one. */
export const lenientInteger = (min: number, max: number) =>
  z
    .union([z.number(), z.string().regex(/^\s*-?\d{1,15}\s*$/, 'must be an integer')], { error: 'must be an integer' })
    .transform(Number)
    .pipe(z.number().int('must be an integer').min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));

/** Accepts a number, or a string that is one. */
export const lenientNumber = (min: number, max: number) =>
  z
    .union([z.number(), z.string().regex(/^\s*\d{1,15}(\.\d{1,6})?\s*$/, 'must be a number')], {
      error: 'must be a number',
    })
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));
