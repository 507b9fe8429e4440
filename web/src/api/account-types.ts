/** The objects of the HTTP API that tell of keys, their limits and what they used. docs/openapi.json describes them. */
export interface Account {
  readonly concurrencyLimit: number;
  readonly concurrentRequests: number;
  readonly failedRequestCount: number;
  readonly requestCount: number;
  readonly requestLimit: number;
  readonly burst: number;
  readonly subscriptionDate: string;
  readonly creditsLeft: number;
}

export interface KeyLimits {
  readonly credits?: number | null;
  readonly concurrency?: number | null;
  readonly submitsPerSecond?: number | null;
  readonly maxUnfinished?: number | null;
}

export interface KeyObject {
  readonly id: string;
  readonly name: string;
  readonly isAdmin: boolean;
  readonly createdAt: string;
  readonly revokedAt?: string;
  readonly limits: KeyLimits;
  readonly usage: {
    readonly credits: number;
    readonly reserved: number;
    readonly unfinished: number;
    readonly finished: number;
    readonly failed: number;
    readonly cancelled: number;
  };
}

/** A key that was just made, with the key itself. */
export interface CreatedKey extends KeyObject {
  readonly key: string;
}

export interface UsageHour {
  readonly hour: string;
  readonly credits: number;
  readonly finished: number;
  readonly failed: number;
  readonly cancelled: number;
}

/** What the installation knows of a target. */
export interface HostObject {
  readonly host: string;
  readonly pace?: { readonly perSecond: number };
  readonly concurrency: number;
  readonly restsUntil?: string;
  readonly throttledCount: number;
  readonly lastThrottledAt?: string;
  readonly proxies?: readonly {
    readonly name: string;
    readonly tier?: string;
    readonly country?: string;
    readonly score: number;
    readonly restsUntil?: string;
  }[];
}
