import { createDeliveryId } from '../../src/jobs/delivery-object';
import { idTimeMs } from '../../src/jobs/job-id';

test('ids of one process are different and in the order in which they were made, however many there are', () => {
  const ids = Array.from({ length: 10_000 }, () => createDeliveryId());
  expect(new Set(ids).size).toBe(ids.length);
  expect([...ids].sort()).toEqual(ids);
  for (const id of ids.slice(0, 10))
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Math.abs((idTimeMs(ids[0] ?? '') ?? 0) - Date.now())).toBeLessThan(60_000);
});

test('a clock that is set back does not change the order', () => {
  const first = createDeliveryId(Date.now() + 60_000);
  expect(createDeliveryId(Date.now()) > first).toBe(true);
});
