import { proxyActivities } from '@temporalio/workflow';

const activities = proxyActivities<{ noOp(): Promise<void> }>({ startToCloseTimeout: '1 minute' });

export async function noOpWorkflow(): Promise<void> {
  await activities.noOp();
}
