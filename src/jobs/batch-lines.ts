import type { ApiParams } from './api-params';

/** What counts of the options of a URL: those of the batch with its own over them. URLs with equal options share one object. */
export interface EffectiveOptions {
  readonly apiParams: ApiParams;
  /** Equal for equal options, whatever the order of their fields; `meta` does not count. Empty in batches without `dedupe`. */
  readonly fingerprint: string;
}

/** What the URLs of a batch have of their own, each by index. */
export interface BatchLines {
  /** The caller's own ids. */
  readonly clientIds: readonly (string | undefined)[];
  /** JSON of the options that are not the batch's. */
  readonly options: readonly (string | undefined)[];
  readonly effective: readonly EffectiveOptions[];
}
