/** Limits of a key. Undefined: it has no limit of its own. */
export interface KeyLimits {
  readonly creditLimit: number | undefined;
  readonly maxConcurrency: number | undefined;
  readonly submitsPerSecond: number;
  readonly maxUnfinished: number;
}

/** A key as it is stored, with what it has used. The key itself is not stored. */
export interface KeyRecord extends KeyLimits {
  readonly id: string;
  readonly name: string;
  readonly isAdmin: boolean;
  readonly createdAt: Date;
  readonly revokedAt: Date | undefined;
  readonly creditsUsed: number;
  /** Credits that are promised to unfinished jobs. */
  readonly creditsReserved: number;
  readonly unfinished: number;
  readonly finished: number;
  readonly failed: number;
  readonly cancelled: number;
}

/** The key as the HTTP API shows it. */
export const keyObject = (key: KeyRecord): Record<string, unknown> => ({
  id: key.id,
  name: key.name,
  isAdmin: key.isAdmin,
  createdAt: key.createdAt.toISOString(),
  ...(key.revokedAt !== undefined && { revokedAt: key.revokedAt.toISOString() }),
  limits: {
    ...(key.creditLimit !== undefined && { credits: key.creditLimit }),
    ...(key.maxConcurrency !== undefined && { concurrency: key.maxConcurrency }),
    submitsPerSecond: key.submitsPerSecond,
    maxUnfinished: key.maxUnfinished,
  },
  usage: {
    credits: key.creditsUsed,
    reserved: key.creditsReserved,
    unfinished: key.unfinished,
    finished: key.finished,
    failed: key.failed,
    cancelled: key.cancelled,
  },
});
