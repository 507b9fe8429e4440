import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from './workflow-io';
import { checkNoInput } from './policy/check-input';

const { purge } = proxyActivities<Activities>({
  startToCloseTimeout: '1 hour',
  heartbeatTimeout: '1 minute',
  retry: { initialInterval: '5 seconds', maximumInterval: '1 minute', maximumAttempts: 10 },
});

/** Runs one round of retention. A Temporal Schedule starts it, and the next round makes up for one that fails. */
export async function enforceRetention(input?: undefined): Promise<{ readonly segmentHours: number }> {
  checkNoInput(input);
  return purge();
}
