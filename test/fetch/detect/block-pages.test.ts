import { gzipSync } from 'node:zlib';
import { decodePrefix } from '../../../src/http/codings/decode-content';
import { detectBlock } from '../../../src/fetch/detect/detect-block';
import { mayHoldMarker, utf8Of } from '../../../src/fetch/detect/detection-text';
import { readHttpFixtures } from '../../fixtures/read-http';
import type { HttpFixture } from '../../fixtures/read-http';

/** What each page of test/fixtures/blocks is, and by what it is told. */
const expected: Readonly<Record<string, readonly [vendor: string, signal: string]>> = {
  'akamai-access-denied': ['akamai', 'reference-number'],
  'akamai-crypto-challenge-429': ['akamai', 'bm-verify'],
  'akamai-interstitial': ['akamai', 'bm-verify'],
  'alibaba-acw-script': ['alibaba', 'acw_sc'],
  'alibaba-punish': ['alibaba', 'punish'],
  'amazon-robot-check': ['amazon', 'validate-captcha'],
  'anubis-proof-of-work': ['anubis', 'anubis-challenge'],
  'aws-waf-captcha-405': ['aws-waf', 'x-amzn-waf-action'],
  'aws-waf-challenge-202': ['aws-waf', 'x-amzn-waf-action'],
  'aws-waf-challenge-relayed': ['aws-waf', 'goku-props'],
  'azure-waf-js-challenge': ['azure-waf', 'js-challenge'],
  'baidu-safety-check': ['baidu', 'safety-check'],
  'cloudflare-1020': ['cloudflare', 'cf-error-code'],
  'cloudflare-challenge-429': ['cloudflare', 'cf-mitigated'],
  'cloudflare-challenge-relayed': ['cloudflare', 'challenge-platform/orchestrate'],
  'cloudflare-managed-challenge': ['cloudflare', 'cf-mitigated'],
  'cloudflare-under-attack': ['cloudflare', '__cf_chl_f_tk'],
  'cloudflare-you-have-been-blocked': ['cloudflare', 'attention-required'],
  'cloudfront-request-blocked': ['cloudfront', 'request-blocked'],
  'datadome-captcha': ['datadome', 'captcha-delivery.com'],
  'datadome-interstitial-200': ['datadome', 'captcha-delivery.com'],
  'ddos-guard-check': ['ddos-guard', 'ddos-guard-title'],
  'f5-javascript-200': ['f5', 'support-id'],
  'f5-url-rejected-200': ['f5', 'url-rejected'],
  'fastly-client-challenge': ['fastly', 'client-challenge'],
  'fortinet-blocked': ['fortinet', 'attack-id'],
  'generic-hcaptcha-200': ['generic', 'hcaptcha'],
  'generic-human-check-200': ['generic', 'human-check'],
  'generic-recaptcha-429': ['generic', 'recaptcha'],
  'google-sorry-429': ['google', 'unusual-traffic'],
  'human-blocked-200': ['human', 'access-denied'],
  'human-press-and-hold': ['human', 'px-captcha'],
  'imperva-frame-200': ['imperva', 'incident-id'],
  'imperva-pardon-405': ['imperva', 'pardon-our-interruption'],
  'imperva-script-200': ['imperva', '_Incapsula_Resource'],
  'imunify360-one-moment': ['imunify360', 'one-moment-please'],
  'kasada-first-visit-429': ['kasada', 'x-kpsdk-ct'],
  'kasada-shell-200': ['kasada', 'kpsdk'],
  'linkedin-999': ['linkedin', 'authwall'],
  'modsecurity-406': ['modsecurity', 'generated-by'],
  'qrator-401': ['qrator', 'qauth'],
  'queue-it-waiting-room': ['queue-it', 'waiting-room'],
  'radware-captcha': ['radware', 'bot-manager'],
  'reblaze-247': ['reblaze', 'rbzns'],
  'siteground-captcha-202': ['siteground', 'sg-captcha'],
  'siteground-captcha-relayed': ['siteground', 'sgcaptcha'],
  'sucuri-firewall': ['sucuri', 'firewall-title'],
  'vercel-checkpoint': ['vercel', 'x-vercel-mitigated'],
  'vercel-checkpoint-relayed': ['vercel', 'security-checkpoint'],
  'wordfence-limited-503': ['wordfence', 'access-limited'],
  'yandex-smart-captcha': ['yandex', 'checkcaptcha'],
};

const blocks = readHttpFixtures('blocks');
const good = readHttpFixtures('good');
const detect = ({ statusCode, headers, body }: HttpFixture) =>
  detectBlock({ statusCode, headers, text: body.toString('utf8') });

test('every page of the folder is in the table', () => {
  expect(blocks.map(({ name }) => name)).toEqual(Object.keys(expected).sort());
  expect(new Set(blocks.map(({ statusCode }) => statusCode))).toEqual(
    new Set([200, 202, 247, 401, 403, 405, 406, 429, 503, 999]),
  );
});

test.each(blocks)('$name is told from a page', (fixture) => {
  const [vendor, signal] = expected[fixture.name] ?? [];
  expect(detect(fixture)).toEqual({ vendor, signal, confidence: expect.stringMatching(/^(certain|likely)$/) });
});

// Proxies and archives relay pages without such headers.
test.each(blocks.filter(({ body }) => body.length > 300))('$name is told without what its headers say', (fixture) => {
  const headers = fixture.headers.filter(([name]) => name.toLowerCase() === 'content-type');
  expect(detect({ ...fixture, headers })?.vendor).toBe(expected[fixture.name]?.[0]);
});

test.each(good)('$name is no block', (fixture) => {
  expect(detect(fixture)).toBeUndefined();
});

describe('the look at the bytes agrees with the look at the text', () => {
  const all = [...blocks, ...good];
  const seen = async ({ statusCode, headers, body }: HttpFixture) => {
    const beginning = utf8Of(body.subarray(0, 16_384));
    const text = mayHoldMarker(beginning, statusCode, headers) ? beginning.toString('utf8') : '';
    return detectBlock({ statusCode, headers, text });
  };
  const statuses = [200, 202, 403, 404, 405, 429, 503];

  test.each(all)('$name, with whatever status', async (fixture) => {
    for (const statusCode of [fixture.statusCode, ...statuses])
      expect(await seen({ ...fixture, statusCode })).toEqual(detect({ ...fixture, statusCode }));
  });

  test('packed', async () => {
    for (const fixture of all) {
      const options = { maxBytes: 1e6, prefixBytes: 16_384, isCut: false, throwIfOver: () => undefined };
      const body = await decodePrefix(gzipSync(fixture.body), 'gzip', options);
      expect([fixture.name, await seen({ ...fixture, body })]).toEqual([fixture.name, detect(fixture)]);
    }
  });

  test.each(['with a byte order mark', 'without one'])('in UTF-16 %s', async (kind) => {
    const mark = kind === 'without one' ? '' : '\ufeff';
    for (const fixture of all) {
      const little = Buffer.from(mark + fixture.body.toString('utf8'), 'utf16le');
      for (const body of [little, Buffer.from(little).swap16()])
        expect([fixture.name, await seen({ ...fixture, body })]).toEqual([fixture.name, detect(fixture)]);
    }
  });

  test('in a charset that has letters of its own', async () => {
    for (const fixture of all) {
      const body = Buffer.from(`${fixture.body.toString('utf8')}<i>\u00e4\u00f6\u00fc\u00df\u00e9</i>`, 'latin1');
      const whole = { ...fixture, body };
      expect([fixture.name, await seen(whole)]).toEqual([fixture.name, detect(whole)]);
    }
  });
});
