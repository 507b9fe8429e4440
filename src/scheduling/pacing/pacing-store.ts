export interface SlotWish {
  readonly host: string;
  readonly intervalMs: number;
  readonly slots: number;
}

/** Slots of a host's pace, `intervalMs` apart. None when the next free one is too far off: then `fromMs` says when it is. */
export interface SlotGrant {
  readonly host: string;
  /** By PostgreSQL's clock, ms since the epoch. */
  readonly fromMs: number;
  readonly slots: number;
  /** What PostgreSQL's clock showed meanwhile. */
  readonly nowMs: number;
}

export interface HostRest {
  readonly host: string;
  /** From now on. */
  readonly restMs: number;
}

/** What workers know of hosts together. */
export interface PacingStore {
  /** Takes the next slots of each host. One grant per wish, in any order. */
  reserve(wishes: readonly SlotWish[]): Promise<readonly SlotGrant[]>;
  noteRests(rests: readonly HostRest[]): Promise<void>;
  /** Hosts that rest, if that was noted within the last `withinMs`. */
  findRests(withinMs: number): Promise<readonly HostRest[]>;
}
