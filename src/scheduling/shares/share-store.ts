import type { LeaseWish, ShareReport, ShareStanding } from './share-rules';

export interface StoredStanding extends ShareStanding {
  /** Hosts and keys that this worker has leased, and others with no slot wait for. */
  readonly wanted: ReadonlySet<string>;
  /** Workers that have not reported for a while. */
  readonly silent: readonly { readonly id: string; readonly process: string }[];
}

/** What all workers together know about their parts of limits. */
export interface ShareStore {
  /** @param gone workers that are known to have ended */
  report(report: ShareReport, gone: readonly string[]): Promise<StoredStanding>;
  /** @returns how many more slots each wish has got, in their order */
  lease(wishes: readonly LeaseWish[]): Promise<readonly number[]>;
  giveBack(resources: readonly string[]): Promise<void>;
  /** Ends the membership, with all leases. */
  leave(): Promise<void>;
}
