/** What a worker is busy with, as of its last announcement. */
export interface WorkerLoad {
  /** Pages that are being fetched. */
  readonly inFlight: number;
  /** How many may be. */
  readonly limit: number;
  /** True while all slots are taken. */
  readonly isFull: boolean;
  /** True while commits do not keep up with what is fetched. */
  readonly isBacklogged: boolean;
}
