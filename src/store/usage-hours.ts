import type { Queryable } from './database';

/** What a key used within one hour. */
export interface UsageHour {
  /** Beginning of the hour (UTC). */
  readonly hour: Date;
  readonly credits: number;
  /** URLs that ended in it, by how they ended. */
  readonly finished: number;
  readonly failed: number;
  readonly cancelled: number;
}

export interface UsageRange {
  readonly since: Date;
  /** End of the range, exclusive. */
  readonly until: Date;
}

/** Lists the hours of a range, the oldest first, those that it begins and ends in included. Hours in which nothing ended have no row. */
export function listUsageHours(db: Queryable, apiKeyId: string, { since, until }: UsageRange): Promise<UsageHour[]> {
  return db.query<UsageHour & Record<string, unknown>>(
    `select hour, credits, finished, failed, cancelled from usage_hours
     where api_key_id = $1 and hour > $2::timestamptz - interval '1 hour' and hour < $3 order by hour`,
    [apiKeyId, since, until],
  );
}
