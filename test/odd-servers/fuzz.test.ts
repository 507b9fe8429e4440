import { runFuzz } from './run-fuzz';

test('mutated responses break nothing, leave nothing behind, and never become the page of another URL', async () => {
  const { findings, outcomes, marked } = await runFuzz({ responses: 3_000, seed: 20_261_128 });
  expect(findings).toEqual([]);
  // Most mutations are harmless to a browser; and some are not, or this would test nothing.
  expect(outcomes['page']).toBeGreaterThan(1_000);
  expect(marked).toBeGreaterThan(1_000);
  expect(outcomes['unreachable']).toBeGreaterThan(50);
}, 300_000);
