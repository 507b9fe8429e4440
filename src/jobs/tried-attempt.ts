import type { Trouble } from './fetch-outcome';
import type { ProxyTier } from './features';

/** `impersonate` speaks HTTP as a browser does, `browser` is one. */
export type EngineName = 'http' | 'impersonate' | 'browser';

/** What an attempt that did not end its job ran into, and how it was made. Short, because it is kept in the job's row. */
export interface TriedAttempt {
  readonly kind: Trouble['kind'];
  readonly statusCode?: number;
  /** Of a block: the protection. */
  readonly vendor?: string;
  /** Of a target that could not be reached. */
  readonly code?: string;
  readonly engine: EngineName;
  /** Where it went through a proxy: the tier and name of that one. */
  readonly tier?: ProxyTier;
  readonly proxy?: string;
}

/** What is kept of a job's history: a day of back-off makes some 60 attempts, and nothing depends on older ones. */
export const MAX_TRIED = 20;
