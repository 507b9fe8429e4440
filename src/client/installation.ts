/** Answers about the installation and its keys. */

/** What the overview shows; with an admin key of the whole installation, else of the key. */
export interface Overview {
  readonly version: string;
  readonly temporalUi?: { readonly url: string; readonly namespace: string };
  readonly isAdmin: boolean;
  readonly urls: { readonly queued: number; readonly running: number; readonly retrying: number };
  readonly openBatches: number;
  /** The last 60 minutes. */
  readonly throughput: readonly { readonly minute: string; readonly finished: number; readonly failed: number }[];
  readonly workers: readonly WorkerSeen[];
  readonly receiversInTrouble: number;
  readonly credits: { readonly used: number; readonly reserved: number; readonly limit?: number };
}

export interface WorkerSeen {
  readonly id: string;
  readonly seenAt: string;
  readonly isAlive: boolean;
  readonly features: { readonly hasBrowser: boolean; readonly proxies: unknown };
  readonly fetches?: { readonly inFlight: number; readonly limit: number };
}

/** Failed jobs that have reason, host and status in common. */
export interface FailureCluster {
  readonly failReason: string;
  readonly host: string;
  readonly statusCode?: number;
  readonly jobs: number;
  readonly exampleJobId: string;
}

export interface Failures {
  /** The largest first. */
  readonly clusters: readonly FailureCluster[];
  /** False when not all failed jobs were looked at. */
  readonly isComplete: boolean;
}

/** What the installation knows about a host. */
export interface HostState {
  readonly host: string;
  readonly pace?: { readonly perSecond: number };
  readonly concurrency: number;
  readonly restsUntil?: string;
  readonly throttledCount: number;
  readonly lastThrottledAt?: string;
  readonly proxies: readonly {
    readonly name: string;
    readonly tier?: string;
    readonly country?: string;
    readonly score: number;
    readonly restsUntil?: string;
  }[];
}

/** Where callbacks go. */
export interface Receiver {
  readonly id: string;
  readonly origin: string;
  readonly health: string;
  readonly pending: number;
  readonly failingSince?: string;
  readonly nextCallAt?: string;
  readonly lastError?: string;
  /** Those that are in trouble or stopped. */
  readonly urls: readonly unknown[];
}

export interface UsageHour {
  readonly hour: string;
  readonly credits: number;
  readonly finished: number;
  readonly failed: number;
  readonly cancelled: number;
}

export interface KeyLimits {
  readonly credits?: number | null;
  readonly concurrency?: number | null;
  readonly submitsPerSecond?: number | null;
  readonly maxUnfinished?: number | null;
}

export interface ApiKeyObject {
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

/** A key that was just made; `key` is shown this once. */
export interface NewApiKey extends ApiKeyObject {
  readonly key: string;
}
