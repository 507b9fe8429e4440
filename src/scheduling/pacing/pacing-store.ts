export interface SlotWish {
  readonly host: string;
  readonly intervalMs: number;
  readonly slots: number;
}

/** Slots of a host's pace, `intervalMs` apart. There are none when the next free one is too far off; `fromMs` then is its time. */
export interface SlotGrant {
  readonly host: string;
  /** Time of the first slot by PostgreSQL's clock, ms since the epoch. */
  readonly fromMs: number;
  readonly slots: number;
  /** Time of PostgreSQL's clock during the statement, ms since the epoch. */
  readonly nowMs: number;
}

export interface HostRest {
  readonly host: string;
  /** Time for which it rests from now on (ms). */
  readonly restMs: number;
}

/** Knowledge about hosts that all workers share. */
export interface PacingStore {
  /** Takes the next slots of each host. Returns one grant per wish, in any order. */
  reserve(wishes: readonly SlotWish[]): Promise<readonly SlotGrant[]>;
  noteRests(rests: readonly HostRest[]): Promise<void>;
  /** Finds the hosts whose rest was noted within the last `withinMs`. */
  findRests(withinMs: number): Promise<readonly HostRest[]>;
}
