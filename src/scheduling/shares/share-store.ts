import type { LeaseWish, ShareHolder, ShareReport, ShareStanding } from './share-rules';

/** Another worker, as it is stored. */
export interface OtherWorker extends ShareHolder {
  readonly id: string;
  /** Names its process, as the workers of one machine understand it. */
  readonly process: string;
  /** Differs after each of its reports. */
  readonly beat: string;
  /** Time since its last report by PostgreSQL's clock (ms). That clock may have been set meanwhile. */
  readonly silentMs: number;
}

/** A worker that is to be forgotten, unless it has reported again since that beat. */
export type GoneWorker = Pick<OtherWorker, 'id' | 'beat'>;

export interface StoredStanding extends ShareStanding {
  /** Hosts and keys that this worker has leased, and others with no slot wait for. */
  readonly wanted: ReadonlySet<string>;
  readonly others: readonly OtherWorker[];
}

/** What all workers together know about their parts of limits. */
export interface ShareStore {
  /**
   * Says that this worker is there, and divides by no less than before. That can make nobody's part larger, so it takes no lock.
   * @returns undefined when this worker is not known (any more)
   */
  confirm(report: ShareHolder): Promise<StoredStanding | undefined>;
  /**
   * Joins the workers, or asks whether the part may grow.
   * @param gone workers that are forgotten, unless they have reported since
   */
  report(report: ShareReport, gone: readonly GoneWorker[]): Promise<StoredStanding>;
  /** @returns how many more slots each wish has got, in their order */
  lease(wishes: readonly LeaseWish[]): Promise<readonly number[]>;
  giveBack(resources: readonly string[]): Promise<void>;
  /** Ends the membership, with all leases. */
  leave(): Promise<void>;
}
