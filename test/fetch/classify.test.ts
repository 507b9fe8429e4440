import { classify } from '../../src/fetch/classify';

const rules = { retry404: false };
const verdict = (statusCode: number, over: Partial<typeof rules> = {}) =>
  classify({ statusCode, headers: [], text: '' }, { ...rules, ...over }, 0);

test.each([200, 201, 204, 206, 300, 301, 304, 305, 307, 399, 404, 410])('%d is final', (statusCode) => {
  expect(verdict(statusCode)).toEqual({ kind: 'page' });
});

test.each([400, 401, 403, 405, 408, 418, 451, 500, 502, 504, 520, 599, 600, 999])('%d is refused', (statusCode) => {
  expect(verdict(statusCode)).toEqual({ kind: 'refused', statusCode });
});

test.each([429, 503])('%d is throttled', (statusCode) => {
  expect(verdict(statusCode)).toEqual({ kind: 'throttled', statusCode });
});

test('the rules of the request decide on 404 and 410', () => {
  expect(verdict(404, { retry404: true })).toEqual({ kind: 'refused', statusCode: 404 });
  expect(verdict(410, { retry404: true })).toEqual({ kind: 'refused', statusCode: 410 });
});

test('a block comes before throttling', () => {
  const headers = [
    ['CF-Mitigated', 'challenge'],
    ['Retry-After', '5'],
  ] as const;
  expect(classify({ statusCode: 429, headers, text: '' }, rules, 0)).toMatchObject({
    kind: 'blocked',
    vendor: 'cloudflare',
  });
  expect(classify({ statusCode: 429, headers: headers.slice(1), text: '' }, rules, 0)).toEqual({
    kind: 'throttled',
    statusCode: 429,
    retryAfterMs: 5_000,
  });
});
