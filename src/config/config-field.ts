import { z } from 'zod';

/** A setting. */
export interface ConfigField {
  readonly schema: z.ZodType;
  /** End of the sentence "it has to be …" about a value that the schema refuses. */
  readonly allowed: string;
  /** True when no message may show the value, not even in part. */
  readonly isSecret?: true;
  /** Default as it would be written in the environment; undefined when being unset has a meaning of its own. */
  readonly default?: string;
  readonly group: string;
  readonly description: string;
}

export const port = z.coerce.number().int().min(1).max(65_535);
/** A text without spaces and control characters, such as a key. */
export const printable = z.string().regex(/^[\x21-\x7e]{1,255}$/);
/** A whole number from `min` to `max`. */
export const count = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
