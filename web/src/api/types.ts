/** The objects of the HTTP API, as far as views show them. docs/openapi.json describes them. */
export interface BatchObject {
  readonly id: string;
  readonly name?: string;
  readonly tags: readonly string[];
  readonly status: 'running' | 'paused' | 'finished' | 'cancelled';
  readonly pausedBecause?: 'request' | 'max_credits';
  readonly counts: BatchCounts;
  readonly credits: number;
  readonly maxCredits?: number;
  readonly maxPerHost?: number;
  readonly dedupe?: true;
  readonly failuresByReason?: Readonly<Record<string, number>>;
  readonly slowestHosts?: readonly { readonly host: string; readonly attempts: number; readonly meanMs: number }[];
  readonly throughput?: readonly EndedInMinute[];
  readonly etaSeconds?: number;
  readonly limitedBy?: { readonly reason: string; readonly sentence: string };
  readonly createdAt: string;
  readonly endedAt?: string;
  readonly expiresAt?: string;
  readonly resultsUrl: string;
}

export interface BatchCounts {
  readonly total: number;
  readonly queued: number;
  readonly running: number;
  readonly finished: number;
  readonly failed: number;
  readonly cancelled: number;
}

export interface EndedInMinute {
  readonly minute: string;
  readonly finished: number;
  readonly failed: number;
}

export type JobStatus = 'running' | 'finished' | 'failed' | 'cancelled';

export interface LastFailure {
  readonly reason: string;
  readonly statusCode?: number;
  readonly detail?: string;
  readonly signal?: string;
  readonly at: string;
}

/** An attempt of a job, as `GET /jobs/:id?attempts=true` tells of it. */
export interface TriedAttempt {
  readonly at?: string;
  readonly durationMs?: number;
  readonly kind: string;
  readonly statusCode?: number;
  readonly code?: string;
  readonly vendor?: string;
  readonly engine: string;
  readonly tier?: string;
  readonly proxy?: string;
  readonly nextAt?: string;
  readonly next?: { readonly engine: string; readonly tier?: string; readonly why: string };
}

export interface JobObject {
  readonly id: string;
  readonly attempts: number;
  readonly status: JobStatus;
  readonly statusUrl?: string;
  readonly url: string;
  readonly supposedToRunAt?: string;
  readonly lastFailure?: LastFailure;
  readonly failReason?: string;
  readonly statusCode?: number;
  readonly clientId?: string;
  readonly meta?: unknown;
  readonly ignoredParams?: readonly string[];
  readonly error?: 'page_damaged';
  readonly response?: {
    readonly headers: Readonly<Record<string, string>>;
    readonly statusCode: number;
    readonly body?: unknown;
    readonly base64EncodedBody?: string;
    readonly credits?: number;
  };
  readonly credits?: number;
  readonly finishedAt?: string;
  readonly expiresAt?: string;
  readonly tried?: readonly TriedAttempt[];
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor?: string;
}

export interface Overview {
  readonly version: string;
  readonly temporalUi?: { readonly url: string; readonly namespace: string };
  readonly isAdmin: boolean;
  readonly urls: { readonly queued: number; readonly running: number; readonly retrying: number };
  readonly openBatches: number;
  readonly throughput: readonly EndedInMinute[];
  readonly workers: readonly WorkerObject[];
  readonly receiversInTrouble: number;
  readonly credits: { readonly used: number; readonly reserved: number; readonly limit?: number };
}

export interface WorkerObject {
  readonly id: string;
  readonly seenAt: string;
  readonly isAlive: boolean;
  readonly features: {
    readonly hasBrowser: boolean;
    readonly proxies: readonly { readonly tier: string; readonly country?: string }[];
  };
  readonly fetches?: { readonly inFlight: number; readonly limit: number };
}
