import fc from 'fast-check';
import { canonicalHost } from '../../src/net/allow-list';
import { hostOf } from '../../src/net/host-of';

const parsed = (url: string) => canonicalHost(new URL(url).hostname);

test.each([
  'https://example.com/a?b#c',
  'http://127.0.0.3:8080/x',
  'http://example.com',
  'https://EXAMPLE.com/',
  'http://user:pass@example.com/',
  'http://example.com./',
  'http://127.1/',
  'http://0177.0.0.1/',
  'http://127.0.0.01/',
  'http://1.2.3.4.5x.test/',
  'http://[::1]:80/',
  'https://bücher.example/ü',
  'https://a_b.example/',
  ' https://example.com/ ',
  'https:\\\\example.com\\@other.test',
  'http://example.com:80\\@other.test/',
  'http://localhost:3000/x',
])('%s has the host that a URL parser finds', (url) => {
  expect(hostOf(url)).toBe(parsed(url));
});

test('no URL has another host than a URL parser finds', () => {
  const part = fc.stringMatching(/^[a-zA-Z0-9.:@/\\?#%[\]_-]{0,24}$/);
  const urls = fc.oneof(
    fc.webUrl(),
    fc.tuple(fc.constantFrom('http://', 'https://'), part).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(urls, (url) => {
      fc.pre(URL.canParse(url));
      expect(hostOf(url)).toBe(parsed(url));
    }),
    { numRuns: 2_000 },
  );
});
