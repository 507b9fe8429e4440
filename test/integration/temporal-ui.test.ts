import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { currentDetails } from '../support/current-details';
import { startOrigin } from '../support/origin';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

let service: TestService;
let batchKey: string;

beforeAll(async () => {
  service = await startTestService({ env: { PUBLIC_URL: 'https://fetch.example/scraping' } });
  batchKey = await keyNamed(KEY_NAME);
});
afterAll(() => service.stop());

/** Quotes and characters that are not ASCII, which a query has to escape. */
const KEY_NAME = `o'hara “${Math.random()}”`;
const keyNamed = async (name: string): Promise<string> =>
  (await service.call('POST', '/keys', { api_key: TEST_KEY, name })).body.key;

const workflow = (id: string) => service.client.workflow.getHandle(id);

/** Ids of the workflows that a query of Temporal's list finds. */
async function listed(query: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { workflowId } of service.client.workflow.list({ query })) ids.push(workflowId);
  return ids.sort();
}

/** Visibility is a moment late. */
const untilListed = (query: string, ids: readonly string[]) =>
  waitFor(async () => JSON.stringify(await listed(query)) === JSON.stringify([...ids].sort()));

async function submitBatch(urls: readonly string[], more: object): Promise<{ id: string; jobIds: string[] }> {
  const { headers, body } = await service.call('POST', '/batchjobs', { apiKey: batchKey, urls, ...more });
  return { id: headers.get('x-batch-id') ?? '', jobIds: body.map((job: { id: string }) => job.id) };
}

test('jobs and batches are found by host, batch and key, and lead to the dashboard', async () => {
  const origin = await startOrigin((_req, res) => res.end('page'));
  const host = `h${Date.now()}.localhost`;
  const byHost = origin.url.replace('127.0.0.1', host);
  const { body: job } = await service.call('POST', '/jobs', { apiKey: batchKey, url: `${byHost}/` });
  const { id, jobIds } = await submitBatch([`${byHost}/0`, `${origin.url}/1`], { fanOut: 'jobs' });

  const ofBatch = [`batch/${id}`, `batch/${id}/chunk/0`, ...jobIds.map((jobId) => `job/${jobId}`)];
  await untilListed(`EverfetchBatch = '${id}'`, ofBatch);
  await untilListed(`EverfetchKey = '${KEY_NAME.replaceAll("'", "''")}'`, [...ofBatch, `job/${job.id}`]);
  await untilListed(`EverfetchHost = '${host}'`, [`job/${job.id}`, `job/${jobIds[0]}`]);
  expect(await listed(`EverfetchHost = '127.0.0.1' AND EverfetchBatch = '${id}'`)).toEqual([`job/${jobIds[1]}`]);

  const details = (workflowId: string) =>
    workflow(workflowId)
      .describe()
      .then(({ staticDetails }) => staticDetails());
  const links = 'https://fetch.example/scraping/#';
  expect(await details(`job/${job.id}`)).toBe(`In the dashboard: [the job](${links}/jobs/${job.id})`);
  const batchLink = `[the batch](${links}/batches/${id})`;
  for (const workflowId of ofBatch.slice(0, 2))
    expect(await details(workflowId)).toBe(`In the dashboard: ${batchLink}`);
  const member = `In the dashboard: [the job](${links}/jobs/${jobIds[0]}), ${batchLink}`;
  expect(await details(`job/${jobIds[0]}`)).toBe(member);

  await workflow(`job/${job.id}`)
    .cancel()
    .catch(() => undefined);
  await workflow(`batch/${id}`)
    .cancel()
    .catch(() => undefined);
  await waitFor(async () => (await workflow(`batch/${id}`).describe()).status.name !== 'RUNNING');
});

test('every query of the documentation is one that Temporal understands', async () => {
  const page = readFileSync(join(__dirname, '../../docs/temporal-ui.md'), 'utf8');
  const queries = [...page.matchAll(/^\| [^|`]+ \| `([^`]+ = '[^`]+)` \|$/gm)].map(([, query = '']) => query);
  expect(queries.length).toBeGreaterThan(6);
  for (const query of queries) await service.client.workflow.count(query);
});

test('a batch and its chunks tell how far they have come, while they run and after it', async () => {
  const origin = await startOrigin((req, res) => {
    res.statusCode = req.url === '/down' ? 500 : 200;
    res.end('page');
  });
  const ask = (path: string, method = 'GET') => service.call(method, path, undefined, { 'x-api-key': batchKey });

  const urls = ['/0', '/1', '/down'].map((path) => `${origin.url}${path}`);
  const swept = await submitBatch(urls, { fanOut: 'sweep' });
  const [batch, chunk] = [workflow(`batch/${swept.id}`), workflow(`batch/${swept.id}/chunk/0`)];
  await waitFor(async () => (await ask(`/batches/${swept.id}`)).body.counts.finished === 2);
  expect(await currentDetails(batch)).toBe(
    '0 of 1 chunk workflows have ended, with 0 URLs: 0 finished, 0 failed, 0 cancelled.',
  );
  expect(await currentDetails(chunk)).toBe('The first sweep has not ended yet.');
  await ask(`/batches/${swept.id}/pause`, 'POST');
  const paused = await waitFor(async () => {
    const text = await currentDetails(chunk);
    return text.includes('paused') && text;
  });
  expect(paused).toMatch(
    /^2 of 3 URLs have ended: 2 finished, 0 failed, 0 cancelled\. The batch is paused\. As of \S+Z\.$/,
  );
  await ask(`/batches/${swept.id}/cancel`, 'POST');
  await batch.result().catch(() => undefined);
  expect(await currentDetails(chunk)).toBe('3 of 3 URLs have ended: 2 finished, 0 failed, 1 cancelled.');
  expect(await currentDetails(batch)).toBe(
    '1 of 1 chunk workflows have ended, with 3 URLs: 2 finished, 0 failed, 1 cancelled.',
  );

  const jobs = await submitBatch([`${origin.url}/0`, 'http://10.0.0.1/'], { fanOut: 'jobs' });
  await workflow(`batch/${jobs.id}`).result();
  expect(await currentDetails(workflow(`batch/${jobs.id}/chunk/0`))).toBe(
    '2 of 2 URLs have ended: 1 finished, 1 failed, 0 cancelled.',
  );
});
