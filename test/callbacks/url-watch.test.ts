import { CallRecorder } from '../../src/callbacks/call-recorder';
import type { MadeCall } from '../../src/callbacks/make-call';
import { UrlWatch } from '../../src/callbacks/url-watch';
import type { Queryable } from '../../src/store/database';
import { findDueDeliveries } from '../../src/store/deliveries';
import type { Delivery } from '../../src/store/deliveries';
import { endpointOf } from '../../src/store/receivers';
import { openShifts } from './shift-fixture';

let shifts: Awaited<ReturnType<typeof openShifts>>;
beforeAll(async () => {
  shifts = await openShifts();
});
afterAll(() => shifts.close());

/** Lets the statements that contain `part` wait until `letThrough` is called. */
function heldDatabase(part: string) {
  let letThrough = () => {};
  const gate = new Promise<void>((resolve) => (letThrough = resolve));
  const { database } = shifts.db;
  const held: Queryable = {
    async query(text, ...rest) {
      if (text.includes(part)) await gate;
      return database.query(text, ...rest);
    },
  };
  return { held, letThrough };
}

/** Makes deliveries to a URL of a receiver of its own. */
async function deliveriesTo(url: string, count: number) {
  await shifts.tell(url, count);
  const { endpointId } = endpointOf(shifts.apiKeyId, url);
  return { endpointId, deliveries: await findDueDeliveries(shifts.db.database, endpointId, { limit: count }) };
}

const refused = (delivery: Delivery): MadeCall => ({
  record: {
    ...{ delivery, status: 'pending', at: new Date(), durationMs: 1, statusCode: 500 },
    nextAttemptAt: new Date(Date.now() + 5_000),
  },
  receiver: 'refuses',
});
const delivered = (delivery: Delivery): MadeCall => ({
  record: { delivery, status: 'delivered', at: new Date(), durationMs: 1, statusCode: 200 },
  receiver: 'delivers',
});

test('a URL that takes a call while its trouble is being written is not in trouble afterwards', async () => {
  const url = 'https://in-flight.example/hook';
  const { endpointId, deliveries } = await deliveriesTo(url, 4);
  const { held, letThrough } = heldDatabase('insert into webhook_troubled_urls');
  const urls = new UrlWatch(held, endpointId, async () => {});
  const notes = deliveries.map((delivery, index) => urls.note((index < 3 ? refused : delivered)(delivery)));
  expect(notes.map(({ change }) => change)).toEqual([undefined, undefined, 'troubled', 'recovered']);
  letThrough();
  await Promise.all(notes.map(({ written }) => written));
  expect(await shifts.troubledUrls(url)).toEqual([]);
});

test('a call that was put off while its URL was left alone is due when the URL recovers, also if it is written last', async () => {
  const url = 'https://late.example/hook';
  const { endpointId, deliveries } = await deliveriesTo(url, 5);
  const [first, second, third, late, good] = deliveries as [Delivery, Delivery, Delivery, Delivery, Delivery];
  const { held, letThrough } = heldDatabase('insert into webhook_attempts');
  const recorder = new CallRecorder(held);
  const urls = new UrlWatch(shifts.db.database, endpointId, () => recorder.recorded());
  const lateCall = refused(late); // It began before the trouble.
  for (const delivery of [first, second, third]) await urls.note(refused(delivery)).written;
  urls.note(lateCall);
  const recording = recorder.record(urls.postpone(lateCall.record));
  const { written } = urls.note(delivered(good));
  letThrough();
  await Promise.all([recording, written]);
  const due = await findDueDeliveries(shifts.db.database, endpointId, { limit: 10 });
  expect(due.map(({ id }) => id)).toContain(late.id);
});

test('while a URL is probed, its other calls wait no longer than until the next probe if this one fails', async () => {
  const { endpointId, deliveries } = await deliveriesTo('https://probed.example/hook', 4);
  const urls = new UrlWatch(shifts.db.database, endpointId, async () => {});
  const [other, ...failing] = deliveries as [Delivery, ...Delivery[]];
  for (const delivery of failing) await urls.note(refused(delivery)).written;
  await shifts.probeNow(other.url);
  await urls.read();
  urls.begin(failing[0] ?? other);
  const waitMs = (urls.deferredUntil(other)?.getTime() ?? 0) - Date.now();
  expect(waitMs).toBeGreaterThan(20_000);
  expect(waitMs).toBeLessThanOrEqual(36_000); // The second wait of the schedule is 30 s, give or take a fifth.
});
