import { attemptsNeeded, breaksBeforeAnswer, shopBehaviour, visitsNeeded } from '../../src/demo/shop-behaviour';

const products = Array.from({ length: 300 }, (_, index) => index + 1);

const countFirstVisits = (): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const product of products) {
    const behaviour = shopBehaviour(product, 1);
    const name = behaviour.kind === 'page' && behaviour.delayMs > 0 ? 'slow' : behaviour.kind;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};

test('every page is served at the third visit at the latest, and from then on', () => {
  for (const product of products) {
    expect(shopBehaviour(product, 3).kind).toBe('page');
    expect(shopBehaviour(product, 9).kind).toBe('page');
  }
});

test('visitsNeeded names the first visit that is served', () => {
  for (const product of products) {
    const first = [1, 2, 3].find((visit) => shopBehaviour(product, visit).kind === 'page');
    expect(visitsNeeded(product)).toBe(first);
  }
});

test('only a connection that breaks before the answer may cost no attempt of its own', () => {
  for (const product of products) {
    const isDropped = shopBehaviour(product, 1).kind === 'dropped';
    expect(visitsNeeded(product) - attemptsNeeded(product)).toBe(isDropped && breaksBeforeAnswer(product) ? 1 : 0);
  }
});

test('the faults have their proportions among any 300 products in a row', () => {
  expect(countFirstVisits()).toEqual({
    unavailable: 15,
    dropped: 9,
    stalled: 6,
    challenge: 9,
    'server-error': 6,
    slow: 15,
    page: 240,
  });
});

test('slow pages take between 300 and 800 ms', () => {
  const delays = products.flatMap((product) => {
    const behaviour = shopBehaviour(product, 1);
    return behaviour.kind === 'page' && behaviour.delayMs > 0 ? [behaviour.delayMs] : [];
  });
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(300);
  expect(Math.max(...delays)).toBeLessThanOrEqual(800);
});
