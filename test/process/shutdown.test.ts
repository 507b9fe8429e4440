import { checkServedPages } from '../crash/check-batch';
import { DeploymentPool } from '../crash/deployment-pool';
import { startPageTarget } from '../crash/page-target';
import { createRandom } from '../crash/random';
import { submitBatch } from '../crash/submit-batch';
import { waitFor } from '../support/wait-for';

const deployments = new DeploymentPool();
afterAll(() => deployments.dropAll());

const victims = { worker: 'worker', start: 'service' } as const;

const cases = [
  { mode: 'worker', pages: 80 }, // a workflow for each URL
  { mode: 'start', pages: 600 }, // swept
] as const;

test.each(cases)(
  'SIGTERM in the middle of a batch ends everfetch $mode with 0, and no page that was answered is fetched again ($pages URLs)',
  async ({ mode, pages }) => {
    const deployment = await deployments.for(victims[mode]);
    // Faster than the time that a worker has to finish what it is fetching.
    const target = await startPageTarget({ pages, random: createRandom(pages), slowestMs: 1_500 });
    try {
      const batch = await submitBatch(deployment, target.urls);
      const counts = async () => (await deployment.call('GET', `/batches/${batch.id}`)).body.counts;
      await waitFor(async () => (await counts()).finished >= pages / 5);
      expect(await deployment.shutDown()).toBe(0);
      expect(target.underfetched()).toBeGreaterThan(0); // there is something left to do
      await deployment.revive(victims[mode]);
      await waitFor(async () => (await counts()).finished === pages, { timeoutMs: 120_000, message: 'the end' });
      expect([target.refetched(), target.underfetched()]).toEqual([0, 0]);
      expect(await checkServedPages({ deployment, target, batch }, 'all finished')).toEqual([]);
    } catch (error) {
      await deployments.drop(deployment); // it may not be running
      throw error;
    } finally {
      await target.close();
    }
  },
);
