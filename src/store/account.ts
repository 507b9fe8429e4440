import type { Queryable } from './database';

/** What a key may use and has used, in the words of the compatible surface. */
export interface Account {
  readonly concurrencyLimit: number;
  /** Jobs that have not ended. */
  readonly concurrentRequests: number;
  readonly failedRequestCount: number;
  readonly requestCount: number;
  readonly requestLimit: number;
  /** Submissions per second. */
  readonly burst: number;
  readonly subscriptionDate: string;
  readonly creditsLeft: number;
}

/** Number shown for a key without a credit limit, because clients expect a number and compute with it. */
export const UNLIMITED_CREDITS = 1_000_000_000;

interface AccountRow {
  readonly created_at: Date;
  readonly credit_limit: number | null;
  readonly max_concurrency: number | null;
  readonly submits_per_second: number;
  readonly finished_count: number;
  readonly failed_count: number;
  readonly credits: number;
  readonly reserved: number;
  readonly unfinished: number;
}

/** Reads everything in one statement, so that the numbers belong together. Every key has a row of usage from its creation on. */
export async function accountOf(
  db: Queryable,
  apiKeyId: string,
  options: { readonly workerConcurrency: number },
): Promise<Account> {
  const [row] = await db.query<AccountRow & Record<string, unknown>>(
    `select k.created_at, k.credit_limit, k.max_concurrency, k.submits_per_second,
            u.finished_count, u.failed_count, u.credits, u.reserved, u.unfinished
       from api_keys k join usage u on u.api_key_id = k.id
      where k.id = $1`,
    [apiKeyId],
  );
  if (row === undefined) throw new Error(`API key ${apiKeyId} has no usage`);
  const requestLimit = row.credit_limit ?? UNLIMITED_CREDITS;
  return {
    concurrencyLimit: row.max_concurrency ?? options.workerConcurrency,
    concurrentRequests: row.unfinished,
    failedRequestCount: row.failed_count,
    requestCount: row.finished_count + row.failed_count,
    requestLimit,
    burst: row.submits_per_second,
    subscriptionDate: row.created_at.toISOString(),
    creditsLeft: Math.max(requestLimit - row.credits - row.reserved, 0),
  };
}
