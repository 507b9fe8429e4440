import { FetchSlots } from '../../src/scheduling/fetch-slots';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const SLOW_MS = 5_000;

/** Takes slots for sweeps until there is no room. */
function fill(slots: FetchSlots) {
  const taken = [];
  while (slots.hasRoom && slots.hasRoomForSweep) taken.push(slots.take(true));
  return taken;
}

test('sweeps leave an eighth of the slots to single jobs, and never more than 64', () => {
  expect(fill(new FetchSlots(2_000))).toHaveLength(1_936);
  const slots = new FetchSlots(16);
  expect(fill(slots)).toHaveLength(14);
  expect(slots.hasRoom).toBe(true);
  slots.take(false);
  slots.take(false);
  expect(slots.hasRoom).toBe(false);
});

test('a single slot is for sweeps as well', () => {
  expect(fill(new FetchSlots(1))).toHaveLength(1);
});

test('what has taken five seconds does not count any more, but is still in flight', () => {
  const slots = new FetchSlots(16);
  const dead = fill(slots);
  jest.advanceTimersByTime(SLOW_MS - 1);
  slots.discountSlow();
  expect(slots.hasRoomForSweep).toBe(false);
  jest.advanceTimersByTime(1);
  slots.discountSlow();
  expect({ taken: slots.taken, counted: slots.counted }).toEqual({ taken: 14, counted: 0 });
  expect(fill(slots)).toHaveLength(14);
  for (const slot of dead) slots.leave(slot);
  expect({ taken: slots.taken, counted: slots.counted }).toEqual({ taken: 14, counted: 14 });
});

test('only as many are not counted as there were slots at the beginning', () => {
  const slots = new FetchSlots(8);
  for (let round = 0; round < 5; round += 1) {
    fill(slots);
    if (slots.hasRoom) slots.take(false);
    jest.advanceTimersByTime(SLOW_MS);
    slots.discountSlow();
  }
  expect(slots.taken).toBe(2 * 8);
  expect(slots.hasRoom).toBe(false);
});

test('slow ones leave room also when the slots have become fewer', () => {
  const slots = new FetchSlots(16);
  fill(slots);
  jest.advanceTimersByTime(SLOW_MS);
  slots.capacity = 2;
  slots.discountSlow();
  expect(fill(slots)).toHaveLength(2);
});

test('slow single jobs make no room for sweeps beyond their own', () => {
  const slots = new FetchSlots(8);
  for (let count = 0; count < 8; count += 1) slots.take(false);
  jest.advanceTimersByTime(SLOW_MS);
  slots.discountSlow();
  expect(fill(slots)).toHaveLength(7);
});

test('those that became slow and those that did not give their slots back alike', () => {
  const slots = new FetchSlots(4);
  const slow = [slots.take(true), slots.take(false)];
  jest.advanceTimersByTime(SLOW_MS);
  const young = [slots.take(true), slots.take(false)];
  slots.discountSlow();
  for (const slot of [...young, ...slow]) slots.leave(slot);
  expect({ taken: slots.taken, counted: slots.counted }).toEqual({ taken: 0, counted: 0 });
  expect(fill(slots)).toHaveLength(4);
});
