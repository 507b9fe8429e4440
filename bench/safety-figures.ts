import type { Mode } from './page';

/** URLs/s of one sweep each, one after another. */
export interface SafetyRound {
  /** Rate with everything on, as it is delivered. */
  readonly on: number;
  /** Besides, every host has a pace, which is wider than what is fetched from it. */
  readonly paced: number;
  /** Rate without guard, politeness, unpacking and the search for block pages. */
  readonly off: number;
}

/** What `safety.ts` measures. */
export interface SafetyFigures {
  readonly urls: number;
  readonly scenarios: Readonly<Partial<Record<Mode, readonly SafetyRound[]>>>;
}
