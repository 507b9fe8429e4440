import type { Instruction } from './instruction-set';

/**
 * The types of one attempt: what to fetch, and what the result is.
 * Outcomes are values, not exceptions, because the caller decides what they mean for the job.
 */

/** What a browser does with a page before its content is read. */
export interface RenderRequest {
  /** CSS selector. */
  readonly waitForSelector?: string;
  readonly isScreenshotWanted: boolean;
  readonly instructions: readonly Instruction[];
}

/** A validated request. Engines know nothing else of the job. */
export interface FetchRequest {
  readonly url: string;
  readonly method: string;
  /** The caller's own headers. Sent to the target only when `keepHeaders` is on; `content-type` always goes with a `body`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly keepHeaders: boolean;
  readonly followRedirects: boolean;
  /** Whether a 404 or 410 is retried instead of being final. */
  readonly retry404: boolean;
  readonly deviceType: 'desktop' | 'mobile';
  readonly isBinaryTarget: boolean;
  /** Statuses that count as a page; undefined for the usual ones. */
  readonly finalStatuses?: readonly number[];
  /** Present when a browser is to load the page. */
  readonly render?: RenderRequest;
  /** Country of the proxy to be used: ISO 3166 alpha-2 in lower case, or `eu`. */
  readonly country?: string;
}

/** The HTTP message as it came over the wire: `body` still has its content-encoding. */
export interface FetchedPage {
  /** URL after all redirects. */
  readonly finalUrl: string;
  readonly statusCode: number;
  readonly statusText: string;
  /** Names as the target wrote them, values as ISO-8859-1 text, in order of arrival. `transfer-encoding` is already undone. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  /** True when the body has been converted by `output_format` or `autoparse`. */
  readonly isConverted?: boolean;
  /** PNG of the whole page. */
  readonly screenshot?: Buffer;
  /** RFC 3339. */
  readonly fetchedAt: string;
  /** Gives the bytes back to the worker's budget. Call once, after the page is stored or dropped; more calls are harmless. */
  readonly release: () => void;
}

/** Reasons that an answer with 402 or 451 gives. They are only shown to people: nothing is ever paid. */
export interface RefusalTerms {
  /** `crawler-price`, such as `USD 0.01`. Printable ASCII, at most 100 characters. */
  readonly crawlerPrice?: string;
  /** The link to the terms: relation `terms-of-service`, `license` or `payment`. Absolute, at most 2,048 characters. */
  readonly termsUrl?: string;
  /** The offer of x402 as it was sent, base64 of JSON, at most 2,048 characters. */
  readonly paymentRequired?: string;
  /** Link to who blocks the page that answered 451 (relation `blocked-by`, RFC 7725 §4). Absolute, at most 2,048 characters. */
  readonly blockedByUrl?: string;
}

export type FetchOutcome =
  /** A final answer: 2xx; 404 and 410 (unless retried); a 3xx that is not followed, because it leads nowhere or redirects are off. */
  | { readonly kind: 'page'; readonly page: FetchedPage }
  /** A block or challenge page, whatever its status. `signal` names the marker that decided. */
  | { readonly kind: 'blocked'; readonly statusCode: number; readonly vendor: string; readonly signal: string }
  /** 429 or 503 without a challenge. `retryAfterMs` is what the target asked for, uncapped. */
  | { readonly kind: 'throttled'; readonly statusCode: number; readonly retryAfterMs?: number }
  /** Any other status that is not final. */
  | { readonly kind: 'refused'; readonly statusCode: number; readonly terms?: RefusalTerms }
  /** No HTTP answer: DNS, connect, TLS, reset, time-out. `code` is a stable upper-case code such as ECONNRESET or ATTEMPT_TIMEOUT. */
  | { readonly kind: 'unreachable'; readonly code: string }
  /** A page that is not what `successWhen` asks for; `rule` says what is missing. */
  | { readonly kind: 'unsuccessful'; readonly statusCode?: number; readonly rule: string }
  /** The page could not be converted as `output_format` or `autoparse` ask for. */
  | { readonly kind: 'unconvertible'; readonly reason: string }
  | { readonly kind: 'too-many-redirects'; readonly hops: number }
  | { readonly kind: 'too-large'; readonly limitBytes: number }
  /** The guard refused the address that would have been dialled. It ends the job at once. */
  | { readonly kind: 'forbidden'; readonly host: string; readonly reason: string }
  /** The site's robots.txt disallows it, and the owner obeys robots.txt. It ends the job at once. */
  | { readonly kind: 'disallowed'; readonly host: string };

/** Every outcome that is not a page. */
export type Trouble = Exclude<FetchOutcome, { kind: 'page' }>;
