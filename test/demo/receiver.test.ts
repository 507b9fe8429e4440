import { type DemoReceiver, startReceiver } from '../../src/demo/receiver';
import { finishedJob } from './job-fixtures';

let receiver: DemoReceiver;
beforeEach(async () => {
  receiver = await startReceiver((job) => job.id === 'job-2');
});
afterEach(() => receiver.close());

const call = async (body: string) => (await fetch(receiver.url, { method: 'POST', body })).status;

test('callbacks are acknowledged and kept', async () => {
  expect(await call(JSON.stringify(finishedJob(1)))).toBe(200);
  expect(receiver.receipts).toEqual([{ job: finishedJob(1), isAcknowledged: true }]);
  expect(receiver.acknowledgedJobs()).toBe(1);
});

test('the first call for some jobs is refused, the second one is not', async () => {
  const body = JSON.stringify(finishedJob(2));
  expect([await call(body), await call(body)]).toEqual([500, 200]);
  expect(receiver.receipts.map((receipt) => receipt.isAcknowledged)).toEqual([false, true]);
});

test.each(['{', '{"id":1}'])('%s is no job object', async (body) => {
  expect(await call(body)).toBe(400);
  expect(receiver.unreadable).toEqual([body]);
});
