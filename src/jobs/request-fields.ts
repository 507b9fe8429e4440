import { z } from 'zod';
import { lenientInteger } from './lenient';

/** Fields that queries and bodies of several routes have. */

export const uuid = z.guid({ error: 'must be a UUID' }).transform((id) => id.toLowerCase());

export const time = z.iso
  .datetime({ offset: true, error: 'must be an RFC 3339 time like 2026-03-02T09:30:00Z; in a URL, + is written %2B' })
  .transform((text) => new Date(text));

/** Status of a failed job whose last attempt had no answer. */
export const NO_STATUS = 'none';

/** A status of an answer, or {@link NO_STATUS}. */
export const statusOrNone = z.union([lenientInteger(100, 999), z.literal(NO_STATUS)], {
  error: `must be a status, or ${NO_STATUS}`,
});

interface Range {
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
}

export const isRange = ({ since, until }: Range): boolean =>
  since === undefined || until === undefined || since < until;
export const notARange = { path: ['until'], message: 'must be later than since' };
