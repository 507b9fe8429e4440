import { maxInFlight, readMaxOpenFiles } from '../../src/service/in-flight-governor';

test.each([
  [2_000, undefined, 2_000],
  [2_000, 1_048_576, 2_000],
  [2_000, 4_096, 768],
  [2_000, 1_024, 16],
  [100, 4_096, 100],
])('%d configured, %s files: %d fetches', (configured, files, expected) => {
  expect(maxInFlight(configured, files)).toBe(expected);
});

test('the limit of this process is found', () => {
  const limit = readMaxOpenFiles();
  if (process.platform === 'linux') expect(limit).toBeGreaterThan(0);
  else expect(limit).toBeUndefined();
});
