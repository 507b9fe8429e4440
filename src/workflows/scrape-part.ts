import { proxyActivities } from '@temporalio/workflow';
import type { Activities, ScrapePartInput } from '../contracts/workflow-io';
import { storeOptions } from './activity-options';
import { runAsJobs } from './run-as-jobs';

const { listChunk } = proxyActivities<Activities>(storeOptions);

/** Up to 100 URLs of a chunk, a workflow each. What is left when it ends, its chunk closes. */
export async function scrapePart(input: ScrapePartInput): Promise<void> {
  const { batchId, chunk, fromPlace } = input;
  async function* page() {
    yield await listChunk({ batchId, chunk, fromPlace });
  }
  await runAsJobs(input, page());
}
