import { z } from 'zod';
import { FanOut } from './fan-out';
import { WebhookTarget } from './webhook-target';

/** What a batch has beside the options of its jobs. */
export const BatchOptions = z.object({
  /** Null or absent: the size decides. */
  fanOut: FanOut.nullish(),
  /** Called once, when all URLs of the batch have ended. */
  onDone: WebhookTarget.nullish(),
});
export type BatchOptions = z.output<typeof BatchOptions>;

export const batchOptionNames: readonly string[] = Object.keys(BatchOptions.shape);
