// Made by "npm run docs" from docs/openapi.json: change the schemas that it is made from.

/** One URL. */
export type SingleSubmission = {
  readonly url: string;
} & JobFields &
  ApiParams;

/** Up to 50,000 URLs with the same options. */
export type BatchSubmission = {
  /** The targets, in the order of the answer; duplicates are kept. A string is one URL. */
  readonly urls: readonly string[] | string;
  /** A name for people, at most 200 characters. */
  readonly name?: string | undefined;
  /** What the batch may cost at most. It is paused before that would be exceeded. */
  readonly maxCredits?: number | undefined;
  /** How many of its URLs of one host are fetched at the same time at most. */
  readonly maxPerHost?: number | undefined;
  /** Fetch and charge equal URLs with equal options once; each has the result. `meta` and `id` do not count. */
  readonly dedupe?: boolean | undefined;
  /** At most 20 texts of at most 64 characters: an array, or separated by commas. */
  readonly tags?: readonly string[] | string | undefined;
  /** `jobs` runs a workflow per URL, `sweep` one activity for hundreds of them. Null or absent: the size of the batch decides. */
  readonly fanOut?: 'jobs' | 'sweep' | undefined;
  /** Called once, with the batch object, when all its URLs have ended. Calls about single jobs may come later. */
  readonly onDone?:
    | {
        readonly type: 'webhook';
        readonly url: string;
      }
    | undefined;
} & JobFields &
  ApiParams;

export interface BatchLine {
  readonly url: string;
  /** An id of the caller, at most 200 characters. It comes back as `clientId` in every job object and callback. */
  readonly id?: string | undefined;
  /** Any JSON of at most 4 KiB; it comes back in every job object and callback. */
  readonly meta?: unknown;
  /** Method of the request to the target, in any case. Default GET. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'HEAD' | 'PATCH' | 'DELETE' | 'OPTIONS' | undefined;
  /** Headers for the target. */
  readonly headers?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Body of the request to the target. */
  readonly body?: string | undefined;
  /** What makes a page a success besides having come. */
  readonly successWhen?:
    | {
        readonly status?: number | readonly number[] | undefined;
        readonly contains?: string | readonly string[] | undefined;
        readonly notContains?: string | readonly string[] | undefined;
        /** CSS. */
        readonly selector?: string | undefined;
        readonly minBytes?: number | undefined;
      }
    | undefined;
  /** Parameters of the fetch, over those of the batch. */
  readonly apiParams?: ApiParams | undefined;
}

export interface JobFields {
  /** Method of the request to the target, in any case. Default GET. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'HEAD' | 'PATCH' | 'DELETE' | 'OPTIONS' | undefined;
  /** Body of the request to the target, sent as it is. */
  readonly body?: string | undefined;
  /** Call back for failed and cancelled jobs as well. Default false. */
  readonly expectUnsuccessReport?: boolean | undefined;
  /** How long the job may keep trying, in seconds. Default 86400. */
  readonly timeoutSec?: number | undefined;
  /** Any JSON of at most 4 KiB; it comes back in every job object and callback. */
  readonly meta?: unknown;
  /** Headers for the target. They are sent when `keep_headers` is on; `content-type` always goes with a `body`. */
  readonly headers?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Where the job object is posted when the job has ended. `user:pass@` in the URL becomes HTTP Basic. */
  readonly callback?:
    | {
        readonly type: 'webhook';
        readonly url: string;
      }
    | undefined;
  /** What makes a page a success besides having come; a page that does not meet all of it is fetched again. `status` replaces the statuses that are final otherwise, `minBytes` counts the unpacked page. */
  readonly successWhen?:
    | {
        readonly status?: number | readonly number[] | undefined;
        readonly contains?: string | readonly string[] | undefined;
        readonly notContains?: string | readonly string[] | undefined;
        /** CSS. */
        readonly selector?: string | undefined;
        readonly minBytes?: number | undefined;
      }
    | undefined;
  /** Parameters of the fetch. They may also stand beside the other fields; those in here win. An empty array, a number and null mean none. */
  readonly apiParams?: ApiParams | undefined;
}

export interface ApiParams {
  /** Send the headers of the request instead of ours; ours fill what is missing. */
  readonly keep_headers?: boolean | undefined;
  /** With false a 3xx answer is itself the result. Default true. */
  readonly follow_redirect?: boolean | undefined;
  /** Try again after a 404 or 410 instead of taking it as the result. Default false. */
  readonly retry_404?: boolean | undefined;
  /** Which kind of browser the headers resemble. Default desktop. */
  readonly device_type?: 'desktop' | 'mobile' | undefined;
  /** Give the page as base64 whatever its type says. */
  readonly binary_target?: boolean | undefined;
  /** In which form the page is given. Default html; `json` goes with `autoparse`. */
  readonly output_format?: 'html' | 'text' | 'markdown' | 'json' | undefined;
  /** Give what the page declares about itself as JSON. */
  readonly autoparse?: boolean | undefined;
  /** How a page that is declared as JSON and valid stands in `response.body`: as the JSON value (`object`) or as text. Default: the setting `JSON_BODIES`, which is `object`; with `output_format` text or markdown, text. */
  readonly json_body?: 'object' | 'text' | undefined;
  /** Load the page in a browser. */
  readonly render?: boolean | undefined;
  /** Wait until a CSS selector matches; implies `render`. */
  readonly wait_for_selector?: string | undefined;
  /** Take a picture of the whole page; implies `render`. */
  readonly screenshot?: boolean | undefined;
  /** Steps for the browser: a JSON array, or its text. */
  readonly instruction_set?:
    | readonly {
        readonly type: 'click' | 'input' | 'scroll' | 'wait' | 'wait_for_selector' | 'wait_for_event' | 'loop';
      }[]
    | string
    | undefined;
  /** Use the premium proxies. Not together with `ultra_premium`. */
  readonly premium?: boolean | undefined;
  /** Use the ultra premium proxies. Not together with `premium`. */
  readonly ultra_premium?: boolean | undefined;
  /** A proxy in this country: ISO 3166 alpha-2, or `eu`; `uk` means `gb`. */
  readonly country_code?: string | undefined;
  /** Jobs with the same number use the same proxy and cookies. */
  readonly session_number?: number | undefined;
  /** Refuse URLs that would cost more credits than this. Also spelled `maxCost`. */
  readonly max_cost?: number | undefined;
}

/** The same object everywhere: at the status URL and in callbacks. */
export type Job = RunningJob | FinishedJob | FailedJob | CancelledJob;

export interface RunningJob {
  /** UUIDv7; its low 16 bits tell a single job (0) from a batch member (1 … 50,000). */
  readonly id: string;
  /** Fetches made. */
  readonly attempts: number;
  readonly status: 'running';
  /** Where this object can be read. */
  readonly statusUrl: string;
  /** The target exactly as it was sent. */
  readonly url: string;
  /** The next attempt, once one has failed. */
  readonly supposedToRunAt?: string;
  /** The last attempt that did not bring a page. */
  readonly lastFailure?: {
    /** blocked, throttled, refused, unreachable, unsuccessful, unconvertible, too-many-redirects, too-large, forbidden or disallowed; not-tried: the job ended before its first fetch. */
    readonly reason: string;
    readonly statusCode?: number;
    /** Error code, name of the protection, what `successWhen` missed, or why the job was not tried. */
    readonly detail?: string;
    /** The marker in the page that showed the block. */
    readonly signal?: string;
    /** The header `crawler-price` of an answer 402. Nothing is ever paid. */
    readonly crawlerPrice?: string;
    /** The first link to `terms-of-service`, `license` or `payment` of an answer 402. */
    readonly termsUrl?: string;
    /** The header `PAYMENT-REQUIRED` (x402) of an answer 402. */
    readonly paymentRequired?: string;
    /** The link `blocked-by` of an answer 451. */
    readonly blockedByUrl?: string;
    readonly at: string;
  };
  /** The `id` that its line had, in a batch of lines. */
  readonly clientId?: string;
  /** What was sent as `meta`. */
  readonly meta?: unknown;
  /** Parameters that were left out because this server has not been given what they need (`MISSING_FEATURES=ignore`). */
  readonly ignoredParams?: readonly string[];
  /** Only with `?attempts=true`: the last 20 attempts, the oldest first; empty where the first one brought the page. Attempts of before an upgrade have no times. */
  readonly tried?: readonly {
    /** When it began. */
    readonly at?: string;
    readonly durationMs?: number;
    /** What it came to: `page`, or one of the reasons of `lastFailure`. */
    readonly kind: string;
    readonly statusCode?: number;
    /** Error code, when the target could not be reached. */
    readonly code?: string;
    /** Vendor of the protection that blocked it. */
    readonly vendor?: string;
    readonly engine: 'http' | 'impersonate' | 'browser';
    /** Tier of the proxy, when one is used. */
    readonly tier?: 'standard' | 'premium' | 'ultra_premium';
    /** Its proxy, without credentials; only shown to the key of the job. */
    readonly proxy?: string;
    /** When the next attempt was due. */
    readonly nextAt?: string;
    /** How the next attempt was planned. */
    readonly next?: {
      readonly engine: 'http' | 'impersonate' | 'browser';
      /** Tier of the proxy, when one is used. */
      readonly tier?: 'standard' | 'premium' | 'ultra_premium';
      /** Why it is made like this, as a sentence. */
      readonly why: string;
    };
  }[];
}

export interface FinishedJob {
  /** UUIDv7; its low 16 bits tell a single job (0) from a batch member (1 … 50,000). */
  readonly id: string;
  /** Fetches made. */
  readonly attempts: number;
  readonly status: 'finished';
  /** Where this object can be read. */
  readonly statusUrl: string;
  /** The target exactly as it was sent. */
  readonly url: string;
  /** The page. With `?response=false` neither body field is there. */
  readonly response?: {
    /** Headers of the target, with names in lower case, and `sa-final-url`, `sa-statuscode`, `sa-credit-cost`, `sa-screenshot`. */
    readonly headers: Readonly<Record<string, string>>;
    readonly statusCode: number;
    /** The page as Unicode text, whatever its charset. A page that is declared as JSON and valid is the JSON value itself, unless `json_body` or the setting `JSON_BODIES` is `text`; with `autoparse` an object. */
    readonly body?: unknown;
    /** Instead of `body` where the page is not text. */
    readonly base64EncodedBody?: string;
    /** Only in a callback whose page is over 10 MB, instead of it: where the page can be read. */
    readonly bodyUrl?: string;
    /** What was charged. */
    readonly credits?: number;
  };
  /** In place of `response`, in a line of results and in a callback: the stored page is damaged. */
  readonly error?: 'page_damaged';
  /** The `id` that its line had, in a batch of lines. */
  readonly clientId?: string;
  /** What was sent as `meta`. */
  readonly meta?: unknown;
  /** Parameters that were left out because this server has not been given what they need (`MISSING_FEATURES=ignore`). */
  readonly ignoredParams?: readonly string[];
  /** What was charged. */
  readonly credits?: number;
  /** When the job ended. */
  readonly finishedAt?: string;
  /** When retention removes the job; from then on its id answers 410. */
  readonly expiresAt?: string;
  /** Only with `?attempts=true`: the last 20 attempts, the oldest first; empty where the first one brought the page. Attempts of before an upgrade have no times. */
  readonly tried?: readonly {
    /** When it began. */
    readonly at?: string;
    readonly durationMs?: number;
    /** What it came to: `page`, or one of the reasons of `lastFailure`. */
    readonly kind: string;
    readonly statusCode?: number;
    /** Error code, when the target could not be reached. */
    readonly code?: string;
    /** Vendor of the protection that blocked it. */
    readonly vendor?: string;
    readonly engine: 'http' | 'impersonate' | 'browser';
    /** Tier of the proxy, when one is used. */
    readonly tier?: 'standard' | 'premium' | 'ultra_premium';
    /** Its proxy, without credentials; only shown to the key of the job. */
    readonly proxy?: string;
    /** When the next attempt was due. */
    readonly nextAt?: string;
    /** How the next attempt was planned. */
    readonly next?: {
      readonly engine: 'http' | 'impersonate' | 'browser';
      /** Tier of the proxy, when one is used. */
      readonly tier?: 'standard' | 'premium' | 'ultra_premium';
      /** Why it is made like this, as a sentence. */
      readonly why: string;
    };
  }[];
}

export interface FailedJob {
  /** UUIDv7; its low 16 bits tell a single job (0) from a batch member (1 … 50,000). */
  readonly id: string;
  /** Fetches made. */
  readonly attempts: number;
  readonly status: 'failed';
  /** Why it failed. */
  readonly failReason?:
    | 'failed_due_to_timeout'
    | 'max_cost_exceeded'
    | 'credits_exhausted'
    | 'forbidden_target'
    | 'response_too_large'
    | 'conversion_failed'
    | 'payment_required'
    | 'unavailable_for_legal_reasons'
    | 'robots_disallowed'
    | 'too_many_redirects'
    | 'terminated'
    | 'internal_error';
  /** Only with `max_cost_exceeded`. */
  readonly statusCode?: 403;
  /** The target exactly as it was sent. */
  readonly url: string;
  /** The `id` that its line had, in a batch of lines. */
  readonly clientId?: string;
  /** What was sent as `meta`. */
  readonly meta?: unknown;
  /** Parameters that were left out because this server has not been given what they need (`MISSING_FEATURES=ignore`). */
  readonly ignoredParams?: readonly string[];
  /** The last attempt that did not bring a page. */
  readonly lastFailure?: {
    /** blocked, throttled, refused, unreachable, unsuccessful, unconvertible, too-many-redirects, too-large, forbidden or disallowed; not-tried: the job ended before its first fetch. */
    readonly reason: string;
    readonly statusCode?: number;
    /** Error code, name of the protection, what `successWhen` missed, or why the job was not tried. */
    readonly detail?: string;
    /** The marker in the page that showed the block. */
    readonly signal?: string;
    /** The header `crawler-price` of an answer 402. Nothing is ever paid. */
    readonly crawlerPrice?: string;
    /** The first link to `terms-of-service`, `license` or `payment` of an answer 402. */
    readonly termsUrl?: string;
    /** The header `PAYMENT-REQUIRED` (x402) of an answer 402. */
    readonly paymentRequired?: string;
    /** The link `blocked-by` of an answer 451. */
    readonly blockedByUrl?: string;
    readonly at: string;
  };
  /** When the job ended. */
  readonly finishedAt?: string;
  /** When retention removes the job; from then on its id answers 410. */
  readonly expiresAt?: string;
  /** Only with `?attempts=true`: the last 20 attempts, the oldest first; empty where the first one brought the page. Attempts of before an upgrade have no times. */
  readonly tried?: readonly {
    /** When it began. */
    readonly at?: string;
    readonly durationMs?: number;
    /** What it came to: `page`, or one of the reasons of `lastFailure`. */
    readonly kind: string;
    readonly statusCode?: number;
    /** Error code, when the target could not be reached. */
    readonly code?: string;
    /** Vendor of the protection that blocked it. */
    readonly vendor?: string;
    readonly engine: 'http' | 'impersonate' | 'browser';
    /** Tier of the proxy, when one is used. */
    readonly tier?: 'standard' | 'premium' | 'ultra_premium';
    /** Its proxy, without credentials; only shown to the key of the job. */
    readonly proxy?: string;
    /** When the next attempt was due. */
    readonly nextAt?: string;
    /** How the next attempt was planned. */
    readonly next?: {
      readonly engine: 'http' | 'impersonate' | 'browser';
      /** Tier of the proxy, when one is used. */
      readonly tier?: 'standard' | 'premium' | 'ultra_premium';
      /** Why it is made like this, as a sentence. */
      readonly why: string;
    };
  }[];
}

export interface CancelledJob {
  /** UUIDv7; its low 16 bits tell a single job (0) from a batch member (1 … 50,000). */
  readonly id: string;
  /** Fetches made. */
  readonly attempts: number;
  readonly status: 'cancelled';
  /** The target exactly as it was sent. */
  readonly url: string;
  /** The `id` that its line had, in a batch of lines. */
  readonly clientId?: string;
  /** What was sent as `meta`. */
  readonly meta?: unknown;
  /** Parameters that were left out because this server has not been given what they need (`MISSING_FEATURES=ignore`). */
  readonly ignoredParams?: readonly string[];
  /** When the job ended. */
  readonly finishedAt?: string;
  /** When retention removes the job; from then on its id answers 410. */
  readonly expiresAt?: string;
  /** Only with `?attempts=true`: the last 20 attempts, the oldest first; empty where the first one brought the page. Attempts of before an upgrade have no times. */
  readonly tried?: readonly {
    /** When it began. */
    readonly at?: string;
    readonly durationMs?: number;
    /** What it came to: `page`, or one of the reasons of `lastFailure`. */
    readonly kind: string;
    readonly statusCode?: number;
    /** Error code, when the target could not be reached. */
    readonly code?: string;
    /** Vendor of the protection that blocked it. */
    readonly vendor?: string;
    readonly engine: 'http' | 'impersonate' | 'browser';
    /** Tier of the proxy, when one is used. */
    readonly tier?: 'standard' | 'premium' | 'ultra_premium';
    /** Its proxy, without credentials; only shown to the key of the job. */
    readonly proxy?: string;
    /** When the next attempt was due. */
    readonly nextAt?: string;
    /** How the next attempt was planned. */
    readonly next?: {
      readonly engine: 'http' | 'impersonate' | 'browser';
      /** Tier of the proxy, when one is used. */
      readonly tier?: 'standard' | 'premium' | 'ultra_premium';
      /** Why it is made like this, as a sentence. */
      readonly why: string;
    };
  }[];
}

export interface AcceptedJob {
  /** UUIDv7; its low 16 bits tell a single job (0) from a batch member (1 … 50,000). */
  readonly id: string;
  readonly attempts: 0;
  readonly status: 'running';
  /** Where this object can be read. */
  readonly statusUrl: string;
  /** The target exactly as it was sent. */
  readonly url: string;
  /** When the job was accepted; not in the elements of a batch. */
  readonly supposedToRunAt?: string;
  /** What was sent as `meta`. */
  readonly meta?: unknown;
  /** Parameters that were left out because this server has not been given what they need (`MISSING_FEATURES=ignore`). */
  readonly ignoredParams?: readonly string[];
}

export interface Batch {
  readonly id: string;
  readonly name?: string;
  readonly tags: readonly string[];
  /** While it is paused, nothing new is fetched, and the time given goes on. */
  readonly status: 'running' | 'paused' | 'finished' | 'cancelled';
  /** Only while it is paused: somebody asked for it, or the next URL would cost more than `maxCredits` allows. */
  readonly pausedBecause?: 'request' | 'max_credits';
  /** The other counts always sum to `total`. */
  readonly counts: {
    readonly total: number;
    /** Never begun. */
    readonly queued: number;
    /** Being fetched, or waiting for the next try; as of the last second. */
    readonly running: number;
    readonly finished: number;
    readonly failed: number;
    readonly cancelled: number;
  };
  /** What was charged so far. */
  readonly credits: number;
  /** What it may cost at most. */
  readonly maxCredits?: number;
  /** How many of its URLs of one host are fetched at the same time at most. */
  readonly maxPerHost?: number;
  /** Equal URLs with equal options are fetched and charged once. */
  readonly dedupe?: true;
  /** How many have failed of each kind. */
  readonly failuresByReason?: Readonly<
    Partial<
      Record<
        | 'failed_due_to_timeout'
        | 'max_cost_exceeded'
        | 'credits_exhausted'
        | 'forbidden_target'
        | 'response_too_large'
        | 'conversion_failed'
        | 'payment_required'
        | 'unavailable_for_legal_reasons'
        | 'robots_disallowed'
        | 'too_many_redirects'
        | 'terminated'
        | 'internal_error',
        number
      >
    >
  >;
  /** The hosts that take longest to answer. */
  readonly slowestHosts?: readonly {
    readonly host: string;
    /** How many took two seconds or longer. */
    readonly attempts: number;
    /** What these took on average. */
    readonly meanMs: number;
  }[];
  /** How many ended in each of the last 60 minutes, the oldest first; a minute in which none did is left out. Once the batch has ended, the last minutes before that. */
  readonly throughput?: readonly {
    readonly minute: string;
    readonly finished: number;
    readonly failed: number;
  }[];
  /** How long it goes on: from the rate of the last minute and from what waits for its next try. Absent when nothing ended in the last minute, and while the batch is paused. */
  readonly etaSeconds?: number;
  /** What keeps it from going faster now, as of the last seconds. Only in `GET /batches/{id}` while it runs or is paused; absent when nothing can be said. */
  readonly limitedBy?: {
    readonly reason:
      | 'paused'
      | 'max_credits'
      | 'no_worker'
      | 'no_browser_worker'
      | 'host_rests'
      | 'host_pace'
      | 'per_host_limit'
      | 'retry_delays'
      | 'key_concurrency'
      | 'commits'
      | 'slots'
      | 'target_speed';
    /** The same for people, with numbers. */
    readonly sentence: string;
  };
  readonly createdAt: string;
  readonly endedAt?: string;
  /** When retention removes the results. */
  readonly expiresAt?: string;
  /** Where all results can be read as a stream. */
  readonly resultsUrl: string;
}

export interface BatchPage {
  readonly items: readonly {
    readonly id: string;
    readonly name?: string;
    readonly tags: readonly string[];
    /** While it is paused, nothing new is fetched, and the time given goes on. */
    readonly status: 'running' | 'paused' | 'finished' | 'cancelled';
    /** Only while it is paused: somebody asked for it, or the next URL would cost more than `maxCredits` allows. */
    readonly pausedBecause?: 'request' | 'max_credits';
    /** The other counts always sum to `total`. */
    readonly counts: {
      readonly total: number;
      /** Never begun. */
      readonly queued: number;
      /** Being fetched, or waiting for the next try; as of the last second. */
      readonly running: number;
      readonly finished: number;
      readonly failed: number;
      readonly cancelled: number;
    };
    /** What was charged so far. */
    readonly credits: number;
    /** What it may cost at most. */
    readonly maxCredits?: number;
    /** How many of its URLs of one host are fetched at the same time at most. */
    readonly maxPerHost?: number;
    /** Equal URLs with equal options are fetched and charged once. */
    readonly dedupe?: true;
    readonly createdAt: string;
    readonly endedAt?: string;
    /** When retention removes the results. */
    readonly expiresAt?: string;
    /** Where all results can be read as a stream. */
    readonly resultsUrl: string;
  }[];
  /** Where the next page begins; absent on the last page. */
  readonly nextCursor?: string;
}

export interface FailureClusters {
  /** The largest first. */
  readonly clusters: readonly {
    readonly failReason:
      | 'failed_due_to_timeout'
      | 'max_cost_exceeded'
      | 'credits_exhausted'
      | 'forbidden_target'
      | 'response_too_large'
      | 'conversion_failed'
      | 'payment_required'
      | 'unavailable_for_legal_reasons'
      | 'robots_disallowed'
      | 'too_many_redirects'
      | 'terminated'
      | 'internal_error';
    readonly host: string;
    /** Status of the last answer; absent when the last attempt had none (`statusCode=none` selects these). */
    readonly statusCode?: number;
    /** How many failed like this. */
    readonly jobs: number;
    /** One of them. */
    readonly exampleJobId: string;
  }[];
  /** False when there are more than 200 clusters; the smallest are left out then. */
  readonly isComplete: boolean;
}

export interface RetryPreview {
  /** URLs that would be given their time once more. */
  readonly jobs: number;
  /** What they would cost at most, without surcharges. */
  readonly credits: number;
}

export interface JobPage {
  readonly items: readonly (
    | {
        /** UUIDv7; its low 16 bits tell a single job (0) from a batch member (1 … 50,000). */
        readonly id: string;
        /** Fetches made. */
        readonly attempts: number;
        readonly status: 'running';
        /** Where this object can be read. */
        readonly statusUrl: string;
        /** The target exactly as it was sent. */
        readonly url: string;
        /** The next attempt, once one has failed. */
        readonly supposedToRunAt?: string;
        /** The last attempt that did not bring a page. */
        readonly lastFailure?: {
          /** blocked, throttled, refused, unreachable, unsuccessful, unconvertible, too-many-redirects, too-large, forbidden or disallowed; not-tried: the job ended before its first fetch. */
          readonly reason: string;
          readonly statusCode?: number;
          /** Error code, name of the protection, what `successWhen` missed, or why the job was not tried. */
          readonly detail?: string;
          /** The marker in the page that showed the block. */
          readonly signal?: string;
          /** The header `crawler-price` of an answer 402. Nothing is ever paid. */
          readonly crawlerPrice?: string;
          /** The first link to `terms-of-service`, `license` or `payment` of an answer 402. */
          readonly termsUrl?: string;
          /** The header `PAYMENT-REQUIRED` (x402) of an answer 402. */
          readonly paymentRequired?: string;
          /** The link `blocked-by` of an answer 451. */
          readonly blockedByUrl?: string;
          readonly at: string;
        };
        /** The `id` that its line had, in a batch of lines. */
        readonly clientId?: string;
        /** What was sent as `meta`. */
        readonly meta?: unknown;
        /** Parameters that were left out because this server has not been given what they need (`MISSING_FEATURES=ignore`). */
        readonly ignoredParams?: readonly string[];
        /** Only with `?attempts=true`: the last 20 attempts, the oldest first; empty where the first one brought the page. Attempts of before an upgrade have no times. */
        readonly tried?: readonly {
          /** When it began. */
          readonly at?: string;
          readonly durationMs?: number;
          /** What it came to: `page`, or one of the reasons of `lastFailure`. */
          readonly kind: string;
          readonly statusCode?: number;
          /** Error code, when the target could not be reached. */
          readonly code?: string;
          /** Vendor of the protection that blocked it. */
          readonly vendor?: string;
          readonly engine: 'http' | 'impersonate' | 'browser';
          /** Tier of the proxy, when one is used. */
          readonly tier?: 'standard' | 'premium' | 'ultra_premium';
          /** Its proxy, without credentials; only shown to the key of the job. */
          readonly proxy?: string;
          /** When the next attempt was due. */
          readonly nextAt?: string;
          /** How the next attempt was planned. */
          readonly next?: {
            readonly engine: 'http' | 'impersonate' | 'browser';
            /** Tier of the proxy, when one is used. */
            readonly tier?: 'standard' | 'premium' | 'ultra_premium';
            /** Why it is made like this, as a sentence. */
            readonly why: string;
          };
        }[];
      }
    | {
        /** UUIDv7; its low 16 bits tell a single job (0) from a batch member (1 … 50,000). */
        readonly id: string;
        /** Fetches made. */
        readonly attempts: number;
        readonly status: 'finished';
        /** Where this object can be read. */
        readonly statusUrl: string;
        /** The target exactly as it was sent. */
        readonly url: string;
        /** The `id` that its line had, in a batch of lines. */
        readonly clientId?: string;
        /** What was sent as `meta`. */
        readonly meta?: unknown;
        /** Parameters that were left out because this server has not been given what they need (`MISSING_FEATURES=ignore`). */
        readonly ignoredParams?: readonly string[];
        /** What was charged. */
        readonly credits?: number;
        /** When the job ended. */
        readonly finishedAt?: string;
        /** When retention removes the job; from then on its id answers 410. */
        readonly expiresAt?: string;
        /** Status of the page. */
        readonly statusCode?: number;
      }
    | {
        /** UUIDv7; its low 16 bits tell a single job (0) from a batch member (1 … 50,000). */
        readonly id: string;
        /** Fetches made. */
        readonly attempts: number;
        readonly status: 'failed';
        /** Why it failed. */
        readonly failReason?:
          | 'failed_due_to_timeout'
          | 'max_cost_exceeded'
          | 'credits_exhausted'
          | 'forbidden_target'
          | 'response_too_large'
          | 'conversion_failed'
          | 'payment_required'
          | 'unavailable_for_legal_reasons'
          | 'robots_disallowed'
          | 'too_many_redirects'
          | 'terminated'
          | 'internal_error';
        /** Only with `max_cost_exceeded`. */
        readonly statusCode?: 403;
        /** The target exactly as it was sent. */
        readonly url: string;
        /** The `id` that its line had, in a batch of lines. */
        readonly clientId?: string;
        /** What was sent as `meta`. */
        readonly meta?: unknown;
        /** Parameters that were left out because this server has not been given what they need (`MISSING_FEATURES=ignore`). */
        readonly ignoredParams?: readonly string[];
        /** The last attempt that did not bring a page. */
        readonly lastFailure?: {
          /** blocked, throttled, refused, unreachable, unsuccessful, unconvertible, too-many-redirects, too-large, forbidden or disallowed; not-tried: the job ended before its first fetch. */
          readonly reason: string;
          readonly statusCode?: number;
          /** Error code, name of the protection, what `successWhen` missed, or why the job was not tried. */
          readonly detail?: string;
          /** The marker in the page that showed the block. */
          readonly signal?: string;
          /** The header `crawler-price` of an answer 402. Nothing is ever paid. */
          readonly crawlerPrice?: string;
          /** The first link to `terms-of-service`, `license` or `payment` of an answer 402. */
          readonly termsUrl?: string;
          /** The header `PAYMENT-REQUIRED` (x402) of an answer 402. */
          readonly paymentRequired?: string;
          /** The link `blocked-by` of an answer 451. */
          readonly blockedByUrl?: string;
          readonly at: string;
        };
        /** When the job ended. */
        readonly finishedAt?: string;
        /** When retention removes the job; from then on its id answers 410. */
        readonly expiresAt?: string;
        /** Only with `?attempts=true`: the last 20 attempts, the oldest first; empty where the first one brought the page. Attempts of before an upgrade have no times. */
        readonly tried?: readonly {
          /** When it began. */
          readonly at?: string;
          readonly durationMs?: number;
          /** What it came to: `page`, or one of the reasons of `lastFailure`. */
          readonly kind: string;
          readonly statusCode?: number;
          /** Error code, when the target could not be reached. */
          readonly code?: string;
          /** Vendor of the protection that blocked it. */
          readonly vendor?: string;
          readonly engine: 'http' | 'impersonate' | 'browser';
          /** Tier of the proxy, when one is used. */
          readonly tier?: 'standard' | 'premium' | 'ultra_premium';
          /** Its proxy, without credentials; only shown to the key of the job. */
          readonly proxy?: string;
          /** When the next attempt was due. */
          readonly nextAt?: string;
          /** How the next attempt was planned. */
          readonly next?: {
            readonly engine: 'http' | 'impersonate' | 'browser';
            /** Tier of the proxy, when one is used. */
            readonly tier?: 'standard' | 'premium' | 'ultra_premium';
            /** Why it is made like this, as a sentence. */
            readonly why: string;
          };
        }[];
      }
    | {
        /** UUIDv7; its low 16 bits tell a single job (0) from a batch member (1 … 50,000). */
        readonly id: string;
        /** Fetches made. */
        readonly attempts: number;
        readonly status: 'cancelled';
        /** The target exactly as it was sent. */
        readonly url: string;
        /** The `id` that its line had, in a batch of lines. */
        readonly clientId?: string;
        /** What was sent as `meta`. */
        readonly meta?: unknown;
        /** Parameters that were left out because this server has not been given what they need (`MISSING_FEATURES=ignore`). */
        readonly ignoredParams?: readonly string[];
        /** When the job ended. */
        readonly finishedAt?: string;
        /** When retention removes the job; from then on its id answers 410. */
        readonly expiresAt?: string;
        /** Only with `?attempts=true`: the last 20 attempts, the oldest first; empty where the first one brought the page. Attempts of before an upgrade have no times. */
        readonly tried?: readonly {
          /** When it began. */
          readonly at?: string;
          readonly durationMs?: number;
          /** What it came to: `page`, or one of the reasons of `lastFailure`. */
          readonly kind: string;
          readonly statusCode?: number;
          /** Error code, when the target could not be reached. */
          readonly code?: string;
          /** Vendor of the protection that blocked it. */
          readonly vendor?: string;
          readonly engine: 'http' | 'impersonate' | 'browser';
          /** Tier of the proxy, when one is used. */
          readonly tier?: 'standard' | 'premium' | 'ultra_premium';
          /** Its proxy, without credentials; only shown to the key of the job. */
          readonly proxy?: string;
          /** When the next attempt was due. */
          readonly nextAt?: string;
          /** How the next attempt was planned. */
          readonly next?: {
            readonly engine: 'http' | 'impersonate' | 'browser';
            /** Tier of the proxy, when one is used. */
            readonly tier?: 'standard' | 'premium' | 'ultra_premium';
            /** Why it is made like this, as a sentence. */
            readonly why: string;
          };
        }[];
      }
  )[];
  /** Where the next page begins; absent on the last page. */
  readonly nextCursor?: string;
}

/** One callback and what became of it. */
export interface Delivery {
  /** UUIDv7; the `webhook-id` of every call. */
  readonly id: string;
  /** The job that it tells of. */
  readonly jobId?: string;
  /** The batch that it tells of. A test call has neither. */
  readonly batchId?: string;
  /** What it tells. */
  readonly event: 'job.finished' | 'job.failed' | 'job.cancelled' | 'batch.finished' | 'batch.cancelled' | 'test';
  /** The receiver; user and password are `***`. */
  readonly url: string;
  /** `pending`: will be called (again). `failed`: given up. `stopped`: its URL has answered 410. */
  readonly status: 'pending' | 'delivered' | 'failed' | 'stopped';
  /** Only while pending; not called before. */
  readonly nextAttemptAt?: string;
  readonly createdAt: string;
  /** When it was delivered, given up or stopped. */
  readonly endedAt?: string;
  /** Calls made, those before a replay included. */
  readonly attemptCount: number;
  /** The last 100 calls, oldest first; in lists the last one alone. */
  readonly attempts: readonly {
    readonly at: string;
    /** Absent where no answer came. */
    readonly statusCode?: number;
    /** Why there was no answer that counts. */
    readonly error?: string;
    readonly durationMs: number;
    /** The first 1,000 bytes of the answer, as text. */
    readonly answer?: string;
  }[];
}

export interface DeliveryPage {
  /** Newest first. */
  readonly items: readonly {
    /** UUIDv7; the `webhook-id` of every call. */
    readonly id: string;
    /** The job that it tells of. */
    readonly jobId?: string;
    /** The batch that it tells of. A test call has neither. */
    readonly batchId?: string;
    /** What it tells. */
    readonly event: 'job.finished' | 'job.failed' | 'job.cancelled' | 'batch.finished' | 'batch.cancelled' | 'test';
    /** The receiver; user and password are `***`. */
    readonly url: string;
    /** `pending`: will be called (again). `failed`: given up. `stopped`: its URL has answered 410. */
    readonly status: 'pending' | 'delivered' | 'failed' | 'stopped';
    /** Only while pending; not called before. */
    readonly nextAttemptAt?: string;
    readonly createdAt: string;
    /** When it was delivered, given up or stopped. */
    readonly endedAt?: string;
    /** Calls made, those before a replay included. */
    readonly attemptCount: number;
    /** The last 100 calls, oldest first; in lists the last one alone. */
    readonly attempts: readonly {
      readonly at: string;
      /** Absent where no answer came. */
      readonly statusCode?: number;
      /** Why there was no answer that counts. */
      readonly error?: string;
      readonly durationMs: number;
      /** The first 1,000 bytes of the answer, as text. */
      readonly answer?: string;
    }[];
  }[];
  /** `cursor` of the next page; absent on the last one. */
  readonly nextCursor?: string;
}

export interface Replayed {
  /** Deliveries that are pending again. */
  readonly replayed: number;
}

export interface WebhookSecret {
  /** What callbacks are signed with (standardwebhooks.com). */
  readonly secret: string;
  /** Time until which calls also carry a signature made with the previous secret. */
  readonly previousValidUntil?: string;
}

/** Where callbacks of a key go: all URLs of one origin. */
export interface Receiver {
  readonly id: string;
  /** Scheme, host and port of its URLs. */
  readonly origin: string;
  /** `failing`: its last call failed. `probing`: many did; it gets one call at a time, after growing pauses. */
  readonly health: 'healthy' | 'failing' | 'probing';
  /** Callbacks that wait for a call. Counted up to 1,000,000; in lists up to 10,000. */
  readonly pending: number;
  /** The first failure without a success since. */
  readonly failingSince?: string;
  /** Only while it is probed; not called before. */
  readonly nextCallAt?: string;
  /** Its last failed call, while it is failing or probed. */
  readonly lastError?: {
    readonly at: string;
    /** Absent where no answer came. */
    readonly statusCode?: number;
    /** Why there was no answer that counts. */
    readonly error?: string;
  };
  /** How many of its URLs refuse, or are stopped. */
  readonly troubledUrls: number;
  /** The newest 1,000 of these. */
  readonly urls: readonly {
    /** User and password are `***`; without the query when it refuses. */
    readonly url: string;
    /** `refusing`: left alone for a while. `stopped`: it has answered 410; only a replay calls it again. */
    readonly health: 'refusing' | 'stopped';
    readonly since: string;
    /** Only of one that refuses; not called before. */
    readonly nextCallAt?: string;
  }[];
}

export interface ReceiverPage {
  /** In the order of their origins. */
  readonly items: readonly {
    readonly id: string;
    /** Scheme, host and port of its URLs. */
    readonly origin: string;
    /** `failing`: its last call failed. `probing`: many did; it gets one call at a time, after growing pauses. */
    readonly health: 'healthy' | 'failing' | 'probing';
    /** Callbacks that wait for a call. Counted up to 1,000,000; in lists up to 10,000. */
    readonly pending: number;
    /** The first failure without a success since. */
    readonly failingSince?: string;
    /** Only while it is probed; not called before. */
    readonly nextCallAt?: string;
    /** Its last failed call, while it is failing or probed. */
    readonly lastError?: {
      readonly at: string;
      /** Absent where no answer came. */
      readonly statusCode?: number;
      /** Why there was no answer that counts. */
      readonly error?: string;
    };
    /** How many of its URLs refuse, or are stopped. */
    readonly troubledUrls: number;
  }[];
  /** `cursor` of the next page; absent on the last one. */
  readonly nextCursor?: string;
}

/** What the installation knows of a target host. */
export interface Host {
  /** In lower case, as URLs have it. */
  readonly host: string;
  /** Only with an entry in `HOST_LIMITS`. */
  readonly pace?: {
    /** Requests a second, of all workers together. */
    readonly perSecond: number;
  };
  /** Most fetches in flight, of all workers together. */
  readonly concurrency: number;
  /** While it rests because it has asked for that; not asked before. */
  readonly restsUntil?: string;
  /** Rests that it has asked for lately; forgotten an hour after the last of its times. */
  readonly throttledCount: number;
  /** When it last asked for a rest. */
  readonly lastThrottledAt?: string;
  /** Only for an admin key. Proxies that something speaks against, at this host or at all, within the last hour; the worst first. All others have the score 1. */
  readonly proxies?: readonly {
    /** Scheme, host and port. */
    readonly name: string;
    readonly tier: 'standard' | 'premium' | 'ultra_premium';
    readonly country?: string;
    /** How much of its share of the traffic to this host it gets: 1 is all of it. */
    readonly score: number;
    /** Until when it is not used at all. */
    readonly restsUntil?: string;
  }[];
}

export interface Account {
  /** URLs fetched at the same time. */
  readonly concurrencyLimit: number;
  /** URLs not ended yet. */
  readonly concurrentRequests: number;
  readonly failedRequestCount: number;
  /** Credits used. */
  readonly requestCount: number;
  /** Credits of this key; 1,000,000,000 where it has no limit. */
  readonly requestLimit: number;
  /** Submissions per second. */
  readonly burst: number;
  /** When the key was made. */
  readonly subscriptionDate: string;
  readonly creditsLeft: number;
}

export interface UrlCost {
  readonly cost: number;
  /** The same number as `cost`. */
  readonly credits: number;
}

export interface Overview {
  /** Version of the service. */
  readonly version: string;
  /** Where Temporal's Web UI is, as far as the service knows (`TEMPORAL_UI_URL`). */
  readonly temporalUi?: {
    readonly url: string;
    readonly namespace: string;
  };
  /** Whether this is an admin key: then the numbers are those of the whole installation. */
  readonly isAdmin: boolean;
  /** URLs that have not ended. Together they are exact. */
  readonly urls: {
    /** Never begun. */
    readonly queued: number;
    /** Being fetched, as of the last second. A single job that is due counts as well. */
    readonly running: number;
    /** They failed at least once and wait for their next try; counted up to 50,000. */
    readonly retrying: number;
  };
  /** Batches that have not ended; counted up to 10,000. */
  readonly openBatches: number;
  /** How many URLs ended in each of the last 60 minutes, the oldest first; a minute in which none did is left out. Of single jobs, the newest 5,000 are looked at. */
  readonly throughput: readonly {
    readonly minute: string;
    readonly finished: number;
    readonly failed: number;
  }[];
  /** Workers that were heard of in the last 15 minutes. */
  readonly workers: readonly {
    readonly id: string;
    /** When it was heard of last. */
    readonly seenAt: string;
    /** Whether that was within the last minute. */
    readonly isAlive: boolean;
    readonly features: {
      readonly hasBrowser: boolean;
      /** Kinds of proxies that it has. */
      readonly proxies: readonly {
        readonly tier: 'standard' | 'premium' | 'ultra_premium';
        readonly country?: string;
      }[];
    };
    /** Pages that it fetches and may fetch at a time, as of a few seconds ago. */
    readonly fetches?: {
      readonly inFlight: number;
      readonly limit: number;
    };
  }[];
  /** Receivers of callbacks that do not answer, or refuse calls to one of their URLs. */
  readonly receiversInTrouble: number;
  readonly credits: {
    readonly used: number;
    /** Promised to URLs that have not ended. */
    readonly reserved: number;
    /** Absent where the key has none, and for the whole installation. */
    readonly limit?: number;
  };
}

export interface UsageHours {
  /** The oldest first; an hour in which nothing ended is left out. */
  readonly items: readonly {
    /** When it began (UTC). */
    readonly hour: string;
    readonly credits: number;
    readonly finished: number;
    readonly failed: number;
    readonly cancelled: number;
  }[];
}

/** A key, without the key itself, which is not stored. */
export interface Key {
  readonly id: string;
  readonly name: string;
  /** Whether it sees and manages all keys. */
  readonly isAdmin: boolean;
  readonly createdAt: string;
  /** Since when it is refused; absent while it is valid. */
  readonly revokedAt?: string;
  readonly limits: {
    /** What it may spend in all; absent: no limit. */
    readonly credits?: number;
    /** Its fetches in flight; absent: no limit of its own. */
    readonly concurrency?: number;
    /** Submissions per second. */
    readonly submitsPerSecond: number;
    /** URLs that have not ended. */
    readonly maxUnfinished: number;
  };
  readonly usage: {
    /** What it has spent since it was made. */
    readonly credits: number;
    /** What is promised to URLs that have not ended. */
    readonly reserved: number;
    /** URLs that have not ended. */
    readonly unfinished: number;
    readonly finished: number;
    readonly failed: number;
    readonly cancelled: number;
  };
}

/** A key that was just made. */
export interface CreatedKey {
  readonly id: string;
  readonly name: string;
  /** Whether it sees and manages all keys. */
  readonly isAdmin: boolean;
  readonly createdAt: string;
  /** Since when it is refused; absent while it is valid. */
  readonly revokedAt?: string;
  readonly limits: {
    /** What it may spend in all; absent: no limit. */
    readonly credits?: number;
    /** Its fetches in flight; absent: no limit of its own. */
    readonly concurrency?: number;
    /** Submissions per second. */
    readonly submitsPerSecond: number;
    /** URLs that have not ended. */
    readonly maxUnfinished: number;
  };
  readonly usage: {
    /** What it has spent since it was made. */
    readonly credits: number;
    /** What is promised to URLs that have not ended. */
    readonly reserved: number;
    /** URLs that have not ended. */
    readonly unfinished: number;
    readonly finished: number;
    readonly failed: number;
    readonly cancelled: number;
  };
  /** The key itself. Only its hash is stored: it cannot be shown again. */
  readonly key: string;
}

export interface KeyPage {
  /** Oldest first, the revoked ones too. */
  readonly items: readonly {
    readonly id: string;
    readonly name: string;
    /** Whether it sees and manages all keys. */
    readonly isAdmin: boolean;
    readonly createdAt: string;
    /** Since when it is refused; absent while it is valid. */
    readonly revokedAt?: string;
    readonly limits: {
      /** What it may spend in all; absent: no limit. */
      readonly credits?: number;
      /** Its fetches in flight; absent: no limit of its own. */
      readonly concurrency?: number;
      /** Submissions per second. */
      readonly submitsPerSecond: number;
      /** URLs that have not ended. */
      readonly maxUnfinished: number;
    };
    readonly usage: {
      /** What it has spent since it was made. */
      readonly credits: number;
      /** What is promised to URLs that have not ended. */
      readonly reserved: number;
      /** URLs that have not ended. */
      readonly unfinished: number;
      readonly finished: number;
      readonly failed: number;
      readonly cancelled: number;
    };
  }[];
  /** Where the next page begins; absent on the last page. */
  readonly nextCursor?: string;
}

export interface Health {
  readonly status: 'ok';
  readonly fetches?: {
    readonly inFlight: number;
    readonly limit: number;
  };
  readonly workers?: number;
  readonly workersWanted?: number;
  readonly workersEnded?: number;
}

export interface Readiness {
  readonly status: 'ok' | 'unavailable';
  readonly postgres: 'ok' | 'unavailable';
  readonly temporal: 'ok' | 'unavailable';
  readonly segments: 'ok' | 'unavailable';
}

export interface ListJobsQuery {
  /** Those in this state. */
  readonly status?: 'running' | 'finished' | 'failed' | 'cancelled' | undefined;
  /** Those whose URL has this host name, without port; subdomains are others. */
  readonly host?: string | undefined;
  /** The URLs of batches whose line had this `id`. */
  readonly clientId?: string | undefined;
  /** Those that failed for this reason. */
  readonly failReason?:
    | 'failed_due_to_timeout'
    | 'max_cost_exceeded'
    | 'credits_exhausted'
    | 'forbidden_target'
    | 'response_too_large'
    | 'conversion_failed'
    | 'payment_required'
    | 'unavailable_for_legal_reasons'
    | 'robots_disallowed'
    | 'too_many_redirects'
    | 'terminated'
    | 'internal_error'
    | undefined;
  /** Those whose page has this status, or whose last answer had it if they failed; `none`: failed jobs whose last attempt had no answer. */
  readonly statusCode?: number | 'none' | undefined;
  /** Those made at this time or later. */
  readonly since?: string | undefined;
  /** Those made before this time. */
  readonly until?: string | undefined;
  /** Those whose URL contains this text, in any case. */
  readonly q?: string | undefined;
  /** The URLs of batches that have this tag. */
  readonly tag?: string | undefined;
  /** The URLs of this batch. */
  readonly batch?: string | undefined;
  /** How many at most. Default 100. */
  readonly limit?: number | undefined;
  /** `nextCursor` of the page before, with the same filters. */
  readonly cursor?: string | undefined;
}

export interface ScrapeQuery {
  /** How long to wait (seconds). Without it as long as `SYNC_WAIT_SEC` says. */
  readonly wait?: number | undefined;
}

export interface GetJobQuery {
  /** With false the page is left out; its headers and status stay. */
  readonly response?: 'true' | 'false' | undefined;
  /** With true the object has `tried`: what its attempts came to, and why each was made as it was. Without an `ETag` then. A key is needed only to see which proxies were used. */
  readonly attempts?: boolean | undefined;
}

export interface CancelJobQuery {
  /** Forget a job that has ended: its page, its deliveries and what was asked. Its id answers `expired` from then on. */
  readonly purge?: boolean | undefined;
}

export interface CreateBatchQuery {
  /** A name for people, at most 200 characters. */
  readonly name?: string | undefined;
  /** What the batch may cost at most. It is paused before that would be exceeded. */
  readonly maxCredits?: number | undefined;
  /** How many of its URLs of one host are fetched at the same time at most. */
  readonly maxPerHost?: number | undefined;
  /** Fetch and charge equal URLs with equal options once; each has the result. `meta` and `id` do not count. */
  readonly dedupe?: boolean | undefined;
  /** `jobs` runs a workflow per URL, `sweep` one activity for hundreds of them. Null or absent: the size of the batch decides. */
  readonly fanOut?: 'jobs' | 'sweep' | undefined;
  /** At most 20 texts of at most 64 characters: an array, or separated by commas. With lines only. */
  readonly tags?: string | undefined;
  /** Called once, with the batch object, when all its URLs have ended. Calls about single jobs may come later. */
  readonly onDone?: string | undefined;
  /** Where the job object is posted when the job has ended. `user:pass@` in the URL becomes HTTP Basic. */
  readonly callback?: string | undefined;
  /** How long the job may keep trying, in seconds. Default 86400. */
  readonly timeoutSec?: string | undefined;
  /** Call back for failed and cancelled jobs as well. Default false. */
  readonly expectUnsuccessReport?: boolean | undefined;
  /** Send the headers of the request instead of ours; ours fill what is missing. */
  readonly keep_headers?: boolean | undefined;
  /** With false a 3xx answer is itself the result. Default true. */
  readonly follow_redirect?: boolean | undefined;
  /** Try again after a 404 or 410 instead of taking it as the result. Default false. */
  readonly retry_404?: boolean | undefined;
  /** Which kind of browser the headers resemble. Default desktop. */
  readonly device_type?: 'desktop' | 'mobile' | undefined;
  /** Give the page as base64 whatever its type says. */
  readonly binary_target?: boolean | undefined;
  /** In which form the page is given. Default html; `json` goes with `autoparse`. */
  readonly output_format?: 'html' | 'text' | 'markdown' | 'json' | undefined;
  /** Give what the page declares about itself as JSON. */
  readonly autoparse?: boolean | undefined;
  /** How a page that is declared as JSON and valid stands in `response.body`: as the JSON value (`object`) or as text. Default: the setting `JSON_BODIES`, which is `object`; with `output_format` text or markdown, text. */
  readonly json_body?: 'object' | 'text' | undefined;
  /** Load the page in a browser. */
  readonly render?: boolean | undefined;
  /** Wait until a CSS selector matches; implies `render`. */
  readonly wait_for_selector?: string | undefined;
  /** Take a picture of the whole page; implies `render`. */
  readonly screenshot?: boolean | undefined;
  /** Steps for the browser: a JSON array, or its text. */
  readonly instruction_set?:
    | readonly {
        readonly type: 'click' | 'input' | 'scroll' | 'wait' | 'wait_for_selector' | 'wait_for_event' | 'loop';
      }[]
    | string
    | undefined;
  /** Use the premium proxies. Not together with `ultra_premium`. */
  readonly premium?: boolean | undefined;
  /** Use the ultra premium proxies. Not together with `premium`. */
  readonly ultra_premium?: boolean | undefined;
  /** A proxy in this country: ISO 3166 alpha-2, or `eu`; `uk` means `gb`. */
  readonly country_code?: string | undefined;
  /** Jobs with the same number use the same proxy and cookies. */
  readonly session_number?: number | undefined;
  /** Refuse URLs that would cost more credits than this. Also spelled `maxCost`. */
  readonly max_cost?: number | undefined;
}

export interface ListBatchesQuery {
  /** Those in this state. */
  readonly status?: 'running' | 'paused' | 'finished' | 'cancelled' | undefined;
  /** Those that have this tag. */
  readonly tag?: string | undefined;
  /** Those made at this time or later. */
  readonly since?: string | undefined;
  /** Those made before this time. */
  readonly until?: string | undefined;
  /** Those whose name contains this text, in any case. */
  readonly q?: string | undefined;
  /** How many at most. Default 100. */
  readonly limit?: number | undefined;
  /** `nextCursor` of the page before, with the same filters. */
  readonly cursor?: string | undefined;
}

export interface ChangeBatchBody {
  /** A name for people, at most 200 characters. */
  readonly name?: string | null | undefined;
  /** At most 20 texts of at most 64 characters: an array, or separated by commas. */
  readonly tags?: string | readonly string[] | null | undefined;
  /** What the batch may cost at most. It is paused before that would be exceeded. */
  readonly maxCredits?: number | null | undefined;
  /** How many of its URLs of one host are fetched at the same time at most. */
  readonly maxPerHost?: number | null | undefined;
}

export interface ForgetBatchQuery {
  /** A batch that runs is cancelled, and deleted as soon as it has ended. */
  readonly cancel?: boolean | undefined;
}

export interface RetryFailedOfBatchBody {
  /** Those that failed for this reason, or for one of several. */
  readonly failReason?:
    | 'failed_due_to_timeout'
    | 'max_cost_exceeded'
    | 'credits_exhausted'
    | 'forbidden_target'
    | 'response_too_large'
    | 'conversion_failed'
    | 'payment_required'
    | 'unavailable_for_legal_reasons'
    | 'robots_disallowed'
    | 'too_many_redirects'
    | 'terminated'
    | 'internal_error'
    | readonly (
        | 'failed_due_to_timeout'
        | 'max_cost_exceeded'
        | 'credits_exhausted'
        | 'forbidden_target'
        | 'response_too_large'
        | 'conversion_failed'
        | 'payment_required'
        | 'unavailable_for_legal_reasons'
        | 'robots_disallowed'
        | 'too_many_redirects'
        | 'terminated'
        | 'internal_error'
      )[]
    | undefined;
  /** Those of this host. */
  readonly host?: string | undefined;
  /** Those whose last answer had this status, or one of several; `none`: the last attempt had no answer. */
  readonly statusCode?: number | 'none' | readonly (number | 'none')[] | undefined;
  /** With true nothing is changed, and the answer says how many URLs are selected and what they would cost. */
  readonly dryRun?: boolean | undefined;
  /** Do nothing (`count_changed`) when another number of URLs is selected, as when a dry run was some time ago. */
  readonly ifCount?: number | undefined;
}

export interface GetBatchResultsQuery {
  /** Go on behind the line that carried it. */
  readonly cursor?: string | undefined;
  /** Only jobs that ended like this. */
  readonly status?: 'finished' | 'failed' | 'cancelled' | undefined;
  /** With true the answer stays open until the batch has ended. An empty line every 15 s shows that it lives. */
  readonly follow?: 'true' | 'false' | undefined;
  /** The only fields of the job objects, with commas between them: id, attempts, status, statusUrl, url, response, error, clientId, meta, ignoredParams, credits, finishedAt, expiresAt, tried, statusCode, failReason, lastFailure. Without `response` no page is read, which is much faster; `statusCode` is then that of the page. */
  readonly fields?: string | undefined;
}

export interface ListBatchJobsQuery {
  /** Those in this state. */
  readonly status?: 'running' | 'finished' | 'failed' | 'cancelled' | undefined;
  /** Those whose URL has this host name, without port; subdomains are others. */
  readonly host?: string | undefined;
  /** The URLs of batches whose line had this `id`. */
  readonly clientId?: string | undefined;
  /** Those that failed for this reason. */
  readonly failReason?:
    | 'failed_due_to_timeout'
    | 'max_cost_exceeded'
    | 'credits_exhausted'
    | 'forbidden_target'
    | 'response_too_large'
    | 'conversion_failed'
    | 'payment_required'
    | 'unavailable_for_legal_reasons'
    | 'robots_disallowed'
    | 'too_many_redirects'
    | 'terminated'
    | 'internal_error'
    | undefined;
  /** Those whose page has this status, or whose last answer had it if they failed; `none`: failed jobs whose last attempt had no answer. */
  readonly statusCode?: number | 'none' | undefined;
  /** Those that ended at this time or later. */
  readonly since?: string | undefined;
  /** Those that ended before this time. */
  readonly until?: string | undefined;
  /** Those whose URL contains this text, in any case. */
  readonly q?: string | undefined;
  /** How many at most. Default 100. */
  readonly limit?: number | undefined;
  /** `nextCursor` of the page before, with the same filters. */
  readonly cursor?: string | undefined;
}

export interface ListDeliveriesQuery {
  /** Those that tell of this job. */
  readonly job?: string | undefined;
  /** Those that tell of this batch or of one of its jobs. */
  readonly batch?: string | undefined;
  /** Those to this origin. A URL stands for its origin. */
  readonly endpoint?: string | undefined;
  /** Those in this state, or in one of several. */
  readonly status?:
    | 'pending'
    | 'delivered'
    | 'failed'
    | 'stopped'
    | readonly ('pending' | 'delivered' | 'failed' | 'stopped')[]
    | undefined;
  /** Those made at this time or later. */
  readonly since?: string | undefined;
  /** Those made before this time. */
  readonly until?: string | undefined;
  /** How many at most. Default 100. */
  readonly limit?: number | undefined;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
}

export interface ReplayDeliveriesBody {
  /** Those made at this time or later. */
  readonly since: string;
  /** Those made before this time. */
  readonly until?: string | undefined;
  /** Those in this state, or in one of several. Without it: failed and stopped. */
  readonly status?:
    | 'pending'
    | 'delivered'
    | 'failed'
    | 'stopped'
    | readonly ('pending' | 'delivered' | 'failed' | 'stopped')[]
    | undefined;
  /** Those to this origin. A URL stands for its origin. */
  readonly endpoint?: string | undefined;
}

export interface TestWebhookBody {
  readonly url: string;
}

export interface ListReceiversQuery {
  /** Those in this state. */
  readonly health?: 'healthy' | 'failing' | 'probing' | undefined;
  /** How many at most. Default 100. */
  readonly limit?: number | undefined;
  /** `nextCursor` of the page before, with the same filters. */
  readonly cursor?: string | undefined;
}

export interface GetUrlCostQuery {
  readonly url: string;
  /** Send the headers of the request instead of ours; ours fill what is missing. */
  readonly keep_headers?: string | undefined;
  /** With false a 3xx answer is itself the result. Default true. */
  readonly follow_redirect?: string | undefined;
  /** Try again after a 404 or 410 instead of taking it as the result. Default false. */
  readonly retry_404?: string | undefined;
  /** Which kind of browser the headers resemble. Default desktop. */
  readonly device_type?: string | undefined;
  /** Give the page as base64 whatever its type says. */
  readonly binary_target?: string | undefined;
  /** In which form the page is given. Default html; `json` goes with `autoparse`. */
  readonly output_format?: string | undefined;
  /** Give what the page declares about itself as JSON. */
  readonly autoparse?: string | undefined;
  /** How a page that is declared as JSON and valid stands in `response.body`: as the JSON value (`object`) or as text. Default: the setting `JSON_BODIES`, which is `object`; with `output_format` text or markdown, text. */
  readonly json_body?: string | undefined;
  /** Load the page in a browser. */
  readonly render?: string | undefined;
  /** Wait until a CSS selector matches; implies `render`. */
  readonly wait_for_selector?: string | undefined;
  /** Take a picture of the whole page; implies `render`. */
  readonly screenshot?: string | undefined;
  /** Steps for the browser: a JSON array, or its text. */
  readonly instruction_set?: string | undefined;
  /** Use the premium proxies. Not together with `ultra_premium`. */
  readonly premium?: string | undefined;
  /** Use the ultra premium proxies. Not together with `premium`. */
  readonly ultra_premium?: string | undefined;
  /** A proxy in this country: ISO 3166 alpha-2, or `eu`; `uk` means `gb`. */
  readonly country_code?: string | undefined;
  /** Jobs with the same number use the same proxy and cookies. */
  readonly session_number?: string | undefined;
  /** Refuse URLs that would cost more credits than this. Also spelled `maxCost`. */
  readonly max_cost?: string | undefined;
}

export interface GetUsageQuery {
  /** Hours that end after this time. Default: a week before `until`. */
  readonly since?: string | undefined;
  /** Hours that begin before this time. Default: now. */
  readonly until?: string | undefined;
}

export interface ListKeysQuery {
  /** How many at most. Default 1000. */
  readonly limit?: number | undefined;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
}

export interface CreateKeyBody {
  /** 1 to 100 printable characters. No two keys have the same name. */
  readonly name: string;
  /** Whether it sees and manages all keys. A new key does not, unless told. */
  readonly isAdmin?: boolean | undefined;
  /** What is left out of a new key has its default. */
  readonly limits?:
    | {
        /** What it may spend in all. Null: no limit, which is the default. */
        readonly credits?: number | undefined;
        /** Its fetches in flight, of all workers together. Null: no limit of its own, which is the default. */
        readonly concurrency?: number | undefined;
        /** Submissions per second. Null: the default, 100. */
        readonly submitsPerSecond?: number | undefined;
        /** URLs that have not ended. Null: the default, 250,000. */
        readonly maxUnfinished?: number | undefined;
      }
    | undefined;
}

export interface ChangeKeyBody {
  /** 1 to 100 printable characters. No two keys have the same name. */
  readonly name?: string | undefined;
  /** Whether it sees and manages all keys. A new key does not, unless told. */
  readonly isAdmin?: boolean | undefined;
  /** What is left out of a new key has its default. */
  readonly limits?:
    | {
        /** What it may spend in all. Null: no limit, which is the default. */
        readonly credits?: number | null | undefined;
        /** Its fetches in flight, of all workers together. Null: no limit of its own, which is the default. */
        readonly concurrency?: number | null | undefined;
        /** Submissions per second. Null: the default, 100. */
        readonly submitsPerSecond?: number | null | undefined;
        /** URLs that have not ended. Null: the default, 250,000. */
        readonly maxUnfinished?: number | null | undefined;
      }
    | undefined;
}
