/** A line of a batch's results, as it came and as it reads. */
export interface ResultLine {
  /** With its line feed. */
  readonly bytes: Uint8Array;
  readonly job: ResultJob;
}

/** The job object of a line, as far as the output needs it. */
export interface ResultJob extends Readonly<Record<string, unknown>> {
  readonly id: string;
  readonly url: string;
  readonly status: 'finished' | 'failed' | 'cancelled';
  readonly cursor: string;
}
