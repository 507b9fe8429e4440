import fc from 'fast-check';
import { ByteBudget } from '../../src/fetch/byte-budget';

const { signal } = new AbortController();

test('half-read responses that fill the budget do not block each other', async () => {
  const budget = new ByteBudget({ capacityBytes: 30, largestClaimBytes: 10 });
  const claims = Array.from({ length: 4 }, () => budget.open());
  for (const claim of claims) await claim.reserve(5, signal); // The common part of 20 is taken.
  const done: number[] = [];
  await Promise.all(
    claims.map(async (claim, index) => {
      await claim.reserve(3, signal);
      await claim.reserve(2, signal);
      done.push(index);
      claim.release();
    }),
  );
  expect(done.sort()).toEqual([0, 1, 2, 3]);
  expect([budget.takenBytes, budget.waiting]).toEqual([0, 0]);
});

test('who waits can give up, and whoever stands behind is served', async () => {
  const budget = new ByteBudget({ capacityBytes: 20, largestClaimBytes: 10 });
  const [first, second, third, fourth] = [budget.open(), budget.open(), budget.open(), budget.open()];
  await first.reserve(8, signal);
  await second.reserve(8, signal); // This takes memory of the lane.
  const controller = new AbortController();
  const impatient = third.reserve(8, controller.signal);
  const patient = fourth.reserve(2, signal);
  controller.abort('enough');
  await expect(impatient).rejects.toBe('enough');
  await patient;
  expect(budget.takenBytes).toBe(18);
  [first, second, third, fourth].forEach((claim) => claim.release());
  expect(budget.takenBytes).toBe(0);
});

test('a claim can shrink, and be released twice', async () => {
  const budget = new ByteBudget({ capacityBytes: 20, largestClaimBytes: 10 });
  const claim = budget.open();
  await claim.reserve(10, signal);
  claim.shrinkTo(4);
  expect([claim.bytes, budget.takenBytes]).toEqual([4, 4]);
  claim.release();
  claim.release();
  expect([claim.bytes, budget.takenBytes]).toEqual([0, 0]);
});

test('a budget smaller than one page, and a claim over its limit, are mistakes', async () => {
  expect(() => new ByteBudget({ capacityBytes: 9, largestClaimBytes: 10 })).toThrow(RangeError);
  const claim = new ByteBudget({ capacityBytes: 10, largestClaimBytes: 10 }).open();
  await expect(claim.reserve(11, signal)).rejects.toThrow(RangeError);
});

test('whatever responses ask for, in any order: never over capacity, and all of them end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 10, max: 40 }),
      fc.array(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 2 }), {
        minLength: 1,
        maxLength: 20,
      }),
      fc.scheduler(),
      async (capacityBytes, responses, scheduler) => {
        const budget = new ByteBudget({ capacityBytes, largestClaimBytes: 10 });
        const reading = Promise.all(
          responses.map(async (steps) => {
            const claim = budget.open();
            for (const bytes of steps) {
              await scheduler.schedule(Promise.resolve());
              await claim.reserve(bytes, signal);
              expect(budget.takenBytes).toBeLessThanOrEqual(capacityBytes);
            }
            claim.release();
          }),
        );
        await scheduler.waitFor(reading);
        expect([budget.takenBytes, budget.waiting]).toEqual([0, 0]);
      },
    ),
  );
});
