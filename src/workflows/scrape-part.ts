import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities, ScrapePartInput } from './workflow-io';
import { storeOptions } from './activity-options';
import { checkPartInput } from './policy/check-input';
import { withRefusals } from './policy/ending-of';
import { runAsJobs } from './run-as-jobs';

const { listChunk } = proxyActivities<Activities>(storeOptions);

/** Up to 100 URLs of a chunk, a workflow each. What is left when it ends, its chunk closes. */
export async function scrapePart(input: ScrapePartInput): Promise<void> {
  checkPartInput(input, workflowInfo());
  const { batchId, chunk, fromPlace } = input;
  async function* page() {
    yield await listChunk({ batchId, chunk, fromPlace });
  }
  await withRefusals(() => runAsJobs(input, page()));
}
