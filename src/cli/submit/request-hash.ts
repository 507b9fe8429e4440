import { createHash } from 'node:crypto';
import type { Input } from '../input/read-input';

/** A hash of everything that decides what is submitted, by which the same command is recognized. */
export function requestHash(input: Input, options: Readonly<Record<string, unknown>>): string {
  return createHash('sha256')
    .update(JSON.stringify({ format: input.format, ...options }))
    .update('\n')
    .update(input.bytes)
    .digest('hex');
}
