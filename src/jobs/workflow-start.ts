import type { FanOut } from './job-options';

/** Facts about a committed row that the start of its workflow needs. */
export interface JobStart {
  readonly kind: 'job';
  readonly id: string;
  readonly url: string;
  readonly apiKeyId: string;
  readonly keyName: string;
  readonly deadlineAt: Date;
  /** True when a browser loads the page: its fetches run on a task queue of their own. */
  readonly isRendered: boolean;
}

export interface BatchStart {
  readonly kind: 'batch';
  readonly id: string;
  readonly total: number;
  readonly chunks: number;
  readonly fanOut: FanOut;
  readonly apiKeyId: string;
  readonly keyName: string;
  readonly deadlineAt: Date;
  readonly isRendered: boolean;
  /** How many times its failed URLs were given their time once more. @default 0 */
  readonly round?: number;
}

export type Start = JobStart | BatchStart;

/** The Temporal server cuts static summaries to 400 bytes. */
const SUMMARY_BYTES = 400;

/** The URL as the Web UI shows it: shortened to what fits, but never inside a character. */
export function urlSummary(url: string): string {
  if (Buffer.byteLength(url) <= SUMMARY_BYTES) return url;
  const cut = Buffer.from(url).subarray(0, SUMMARY_BYTES - 3);
  return `${cut.toString('utf8').replace(/\ufffd*$/, '')}…`;
}
