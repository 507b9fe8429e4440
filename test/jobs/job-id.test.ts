import fc from 'fast-check';
import {
  MAX_BATCH_URLS,
  batchMemberId,
  batchPlaceOf,
  chunkPlaceOf,
  createBatchId,
  createJobId,
  idTimeMs,
  isBatchId,
  isUuid,
} from '../../src/jobs/job-id';

test('ids are UUIDv7 that tell their time', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (ms) => {
      const id = createJobId(ms);
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{8}0000$/);
      expect(idTimeMs(id)).toBe(ms);
      expect(batchPlaceOf(id)).toBeUndefined();
    }),
  );
});

test('batch and place of a member follow from its id', () => {
  const batchId = createBatchId();
  expect(isBatchId(batchId)).toBe(true);
  for (const index of [0, 1, 499, 500, MAX_BATCH_URLS - 1])
    expect(batchPlaceOf(batchMemberId(batchId, index))).toEqual({ batchId, index });
  expect(batchPlaceOf(batchMemberId(batchId, MAX_BATCH_URLS))).toBeUndefined();
  expect(batchPlaceOf(batchId)).toBeUndefined();
});

test('chunks hold 500 URLs', () => {
  expect(chunkPlaceOf(499)).toEqual({ chunk: 0, place: 499 });
  expect(chunkPlaceOf(500)).toEqual({ chunk: 1, place: 0 });
});

test.each([
  '',
  'x',
  'g0000000-0000-7000-8000-000000000000',
  '00000000-0000-7000-8000-0000000000000',
  `${createJobId()}\n`,
])('%j is no id', (text) => {
  expect(isUuid(text)).toBe(false);
});
