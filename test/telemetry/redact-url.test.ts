import fc from 'fast-check';
import { redactUrl } from '../../src/telemetry/redact-url';

test.each([
  ['https://user:pass@host.example/path?q=1#f', 'https://***@host.example/path?q=1#f'],
  ['https://token@host.example', 'https://***@host.example'],
  ['https://:pass@HOST.example:8443/A%20b', 'https://***@HOST.example:8443/A%20b'],
  ['http://us@er:p@ss@host.example/@not/this', 'http://***@host.example/@not/this'],
  ['postgres://someone:secret@127.0.0.1:9/db', 'postgres://***@127.0.0.1:9/db'],
  ['  HTTPS://user:pass@host.example', '  HTTPS://***@host.example'],
  ['https:\\\\user:pass@host.example\\path', 'https:\\\\***@host.example\\path'],
  ['https:user:pass@host.example/', 'https:***@host.example/'],
  ['ht\ntps://user:pass@host.example/', 'https://***@host.example/'],
])('%j becomes %j', (url, redacted) => {
  expect(redactUrl(url)).toBe(redacted);
});

test.each([
  'https://host.example',
  'https://host.example/a@b:c',
  'HTTP://Host.example:80/?a=u:p@h',
  'https://@host.example/',
])('%s has no credentials and stays as it is', (url) => expect(redactUrl(url)).toBe(url));

test.each(['', 'user:pass@host', '//user:pass@host/', 'https://user:pass@', 'https://user:pass@ho st/'])(
  'nothing of %j is shown, because it is no URL',
  (text) => expect(redactUrl(text)).not.toMatch(/user|pass/),
);

test('whatever user and password are, the URL leads to the same place without them', () => {
  const text = fc.string({ unit: 'binary', minLength: 1 });
  fc.assert(
    fc.property(text, text, (user, password) => {
      const url = new URL('https://host.example:81/path?q=1');
      url.username = `u${user}`;
      url.password = password;
      expect(redactUrl(url.href)).toBe('https://***@host.example:81/path?q=1');
      const written = `https://a${user}:${password}@host.example:81/path?q=1`;
      if (!URL.canParse(written)) return;
      const redacted = new URL(redactUrl(written));
      const expected = new URL(written);
      if (expected.username !== '' || expected.password !== '') expected.username = '***';
      expected.password = '';
      expect(redacted.href).toBe(expected.href);
    }),
  );
});
