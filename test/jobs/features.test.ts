import { checkOptions } from '../../src/jobs/check-request';
import { NO_FEATURES, missingFeatures } from '../../src/jobs/features';
import type { Features } from '../../src/jobs/features';

const ALL: Features = {
  hasBrowser: true,
  proxies: [
    { tier: 'standard' },
    { tier: 'standard', country: 'de' },
    { tier: 'standard', country: 'eu' },
    { tier: 'premium' },
    { tier: 'premium', country: 'us' },
  ],
};

test.each([
  [{ render: true }, ['render']],
  [{ wait_for_selector: '.price', screenshot: true }, ['wait_for_selector', 'screenshot']],
  [{ render: false, screenshot: false }, []],
  [{ premium: true }, ['premium']],
  [{ ultra_premium: true, country_code: 'de' }, ['ultra_premium']],
  [{ country_code: 'de' }, ['country_code']],
  [{ session_number: 7, autoparse: true, output_format: 'markdown' as const }, []],
])('a server with nothing misses for %j: %j', (params, missing) => {
  expect(missingFeatures(params, NO_FEATURES)).toEqual(missing);
});

test.each([
  [{ render: true, premium: true }, []],
  [{ country_code: 'DE' }, []],
  [{ country_code: 'eu' }, []],
  [{ country_code: 'fr' }, ['country_code']],
  [{ premium: true, country_code: 'de' }, ['country_code']],
  [{ premium: true, country_code: 'us' }, []],
  [{ ultra_premium: true }, ['ultra_premium']],
])('a server with some proxies misses for %j: %j', (params, missing) => {
  expect(missingFeatures(params, ALL)).toEqual(missing);
});

test.each([
  [{ premium: true, ultra_premium: true }, 'apiParams.ultra_premium'],
  [{ output_format: 'json' }, 'apiParams.output_format'],
  [{ output_format: 'text', autoparse: true }, 'apiParams.output_format'],
])('%j contradicts itself', (apiParams, path) => {
  expect(checkOptions({ apiParams }, ALL)).toMatchObject({ ok: false, code: 'invalid_request', details: [{ path }] });
});

test('a browser takes every method but HEAD, and no body with GET', () => {
  const checked = (method: string | undefined, body?: string) =>
    checkOptions({ ...(method && { method }), ...(body && { body }), apiParams: { render: true } }, ALL);
  expect(checked('POST', 'a=1').ok).toBe(true);
  expect(checked(undefined).ok).toBe(true);
  expect(checked('PUT', 'a=1').ok).toBe(true);
  expect(checked('HEAD')).toMatchObject({ ok: false, details: [{ path: 'method' }] });
  expect(checked('GET', 'a=1')).toMatchObject({ ok: false, details: [{ path: 'body' }] });
});
