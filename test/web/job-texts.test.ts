import { batchOf, madeAt } from '../../web/src/format/job-ids';
import { failureText, resultOf, wayOf } from '../../web/src/views/job/attempt-text';
import { jobWorkflowLink } from '../../web/src/views/job/workflow-link';

const SINGLE = '0199b6c8-7d10-7abc-8def-012345670000';
const MEMBER = '0199b6c8-7d10-7abc-8def-01234567002a';
const BATCH = '0199b6c8-7d10-7abc-8def-01234567ffff';
const ui = { url: 'http://temporal.example/', namespace: 'my space' };

test('the batch of a job and its age follow from its id', () => {
  expect(batchOf(MEMBER)).toBe(BATCH);
  expect([SINGLE, BATCH, 'no-id-002a'].map(batchOf)).toEqual([undefined, undefined, undefined]);
  expect(madeAt(SINGLE)).toBe(new Date(0x0199b6c87d10).toISOString());
  expect(madeAt('c56a4180-65aa-42ec-a945-5fd21dec0538')).toBeUndefined();
});

test('a single job leads to its workflow, the URL of a batch to all workflows that may have it', () => {
  const workflows = 'http://temporal.example/namespaces/my%20space/workflows';
  expect(jobWorkflowLink(ui, SINGLE)).toBe(`${workflows}/job%2F${SINGLE}`);
  const query = new URL(jobWorkflowLink(ui, MEMBER)).searchParams.get('query');
  expect(query).toBe(`\`WorkflowId\` = "job/${MEMBER}" OR \`WorkflowId\` STARTS_WITH "batch/${BATCH}"`);
});

test('attempts are told in words', () => {
  expect(resultOf({ kind: 'blocked', vendor: 'cloudflare' })).toBe('Blocked by cloudflare');
  expect(resultOf({ kind: 'unreachable', code: 'ECONNRESET' })).toBe('No answer (ECONNRESET)');
  expect(resultOf({ kind: 'something-new' })).toBe('something new');
  expect(wayOf({ engine: 'http' })).toBe('plain HTTP, no proxy');
  expect(wayOf({ engine: 'browser', tier: 'ultra_premium', proxy: 'eu-3' })).toBe(
    'a real browser, proxy eu-3 (ultra premium)',
  );
  expect(failureText({ reason: 'refused', statusCode: 402, at: '' })).toBe('Refused (402)');
  expect(failureText({ reason: 'unreachable', detail: 'ETIMEDOUT', at: '' })).toBe('No answer (ETIMEDOUT)');
});
