import type { FanOut } from './fan-out';

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
