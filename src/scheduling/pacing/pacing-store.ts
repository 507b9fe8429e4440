import type { HostRest, SlotGrant, SlotWish } from './host-pacing';

export type { HostRest, SlotGrant, SlotWish };

/** What workers know of hosts together. */
export interface PacingStore {
  /** Takes the next slots of each host. One grant per wish, in any order. */
  reserve(wishes: readonly SlotWish[]): Promise<readonly SlotGrant[]>;
  noteRests(rests: readonly HostRest[]): Promise<void>;
  /** Hosts that rest, if that was noted within the last `withinMs`. */
  findRests(withinMs: number): Promise<readonly HostRest[]>;
}
