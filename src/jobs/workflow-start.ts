import type { FanOut } from './job-options';

/** What a workflow start needs to know of a committed row. */
export interface JobStart {
  readonly kind: 'job';
  readonly id: string;
  readonly url: string;
  readonly apiKeyId: string;
  readonly deadlineAt: Date;
  /** By a browser: its fetches have a queue of their own. */
  readonly isRendered: boolean;
}

export interface BatchStart {
  readonly kind: 'batch';
  readonly id: string;
  readonly total: number;
  readonly chunks: number;
  readonly fanOut: FanOut;
  readonly apiKeyId: string;
  readonly deadlineAt: Date;
  readonly isRendered: boolean;
}

export type Start = JobStart | BatchStart;

/** A static summary is cut to 400 bytes by the Temporal server. */
const SUMMARY_BYTES = 400;

/** A URL as the Web UI shows it: cut to what fits, never inside a character. */
export function urlSummary(url: string): string {
  if (Buffer.byteLength(url) <= SUMMARY_BYTES) return url;
  const cut = Buffer.from(url).subarray(0, SUMMARY_BYTES - 3);
  return `${cut.toString('utf8').replace(/\ufffd*$/, '')}…`;
}
