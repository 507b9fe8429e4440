import {
  condition,
  continueAsNew,
  defineSignal,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities, DeliverWebhooksInput } from './workflow-io';
import { checkReceiverInput } from './policy/check-input';

const { deliver } = proxyActivities<Activities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

/** Tells the workflow that its receiver has new deliveries. */
export const wakeSignal = defineSignal('wake');

/** How long the workflow stays after the last call, because the next one often follows soon. */
const IDLE_MS = 60_000;

/** Makes all callbacks of one receiver, independently of other receivers. */
export async function deliverWebhooks(input: DeliverWebhooksInput): Promise<void> {
  checkReceiverInput(input, workflowInfo());
  let isWoken = true;
  setHandler(wakeSignal, () => {
    isWoken = true;
  });
  for (;;) {
    isWoken = false;
    const { nextAtMs } = await deliver(input);
    if (workflowInfo().continueAsNewSuggested) return continueAsNew<typeof deliverWebhooks>(input);
    const waitMs = nextAtMs === undefined ? IDLE_MS : Math.max(nextAtMs - Date.now(), 1);
    const hasNews = await condition(() => isWoken, waitMs);
    if (!hasNews && nextAtMs === undefined) return;
  }
}
