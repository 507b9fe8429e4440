export interface SlotWish {
  readonly host: string;
  readonly intervalMs: number;
  readonly slots: number;
}

/** Slots of a host's pace, `intervalMs` apart. There are none when the next free one is too far off; `fromMs` then says when that is. */
export interface SlotGrant {
  readonly host: string;
  /** Time of the first slot by PostgreSQL's clock, ms since the epoch. */
  readonly fromMs: number;
  readonly slots: number;
  /** What PostgreSQL's clock showed during the statement. */
  readonly nowMs: number;
}

export interface HostRest {
  readonly host: string;
  /** How long it rests from now on. */
  readonly restMs: number;
}

/** What all workers together know about hosts. */
export interface PacingStore {
  /** Takes the next slots of each host. One grant per wish, in any order. */
  reserve(wishes: readonly SlotWish[]): Promise<readonly SlotGrant[]>;
  noteRests(rests: readonly HostRest[]): Promise<void>;
  /** Finds the hosts whose rest was noted within the last `withinMs`. */
  findRests(withinMs: number): Promise<readonly HostRest[]>;
}
