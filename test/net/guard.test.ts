import fc from 'fast-check';
import { Agent, request } from 'undici';
import {
  ForbiddenTargetError,
  assertPublicUrl,
  createGuard,
  guardedLookup,
  isPublicAddress,
  parseAllowList,
} from '../../src/net/guard';
import { faults, startOrigin } from '../support/origin';
import { fetchOnce, openFetcher, pageOf } from '../fetch/fetch-fixture';

const octet = fc.integer({ min: 0, max: 255 });
const privateV4 = fc.oneof(
  fc.tuple(fc.constantFrom(0, 10, 127), octet, octet, octet),
  fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), octet, octet),
  fc.tuple(fc.constant(192), fc.constant(168), octet, octet),
  fc.tuple(fc.constant(169), fc.constant(254), octet, octet),
  fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), octet, octet),
  fc.tuple(fc.integer({ min: 224, max: 255 }), octet, octet, octet),
);
const numberOf = (octets: readonly number[]) => octets.reduce((sum, each) => sum * 256 + each, 0);
const hex = (value: number) => value.toString(16);
const halves = ([a = 0, b = 0, c = 0, d = 0]: readonly number[]) => [hex(a * 256 + b), hex(c * 256 + d)] as const;

/** One way to write each part, and how many of the last parts are taken together. */
const digits = fc.constantFrom<(part: number) => string>(
  (part) => String(part),
  (part) => `0x${hex(part)}`,
  (part) => `0X${hex(part).toUpperCase()}`,
  (part) => `0${part.toString(8)}`,
  (part) => `000${part.toString(8)}`,
  (part) => [...String(part)].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join(''),
  (part) => [...String(part)].map((digit) => `%3${digit}`).join(''),
);
const written = fc
  .record({
    parts: fc.integer({ min: 1, max: 4 }),
    spell: fc.tuple(digits, digits, digits, digits),
    dots: fc.tuple(...Array<fc.Arbitrary<string>>(3).fill(fc.constantFrom('.', '%2e', '\u3002', '\uff0e', '\uff61'))),
    end: fc.constantFrom('', '.'),
    user: fc.constantFrom('', 'example.com@', 'a:b@', '8.8.8.8:80@'),
  })
  .map(({ parts, spell, dots, end, user }) => (octets: readonly number[]) => {
    const values = [...octets.slice(0, parts - 1), numberOf(octets.slice(parts - 1))];
    return (
      user +
      values
        .map((value, index) => (index === 0 ? '' : (dots[index - 1] ?? '')) + (spell[index]?.(value) ?? ''))
        .join('') +
      end
    );
  });

/** The ways of RFC 4291, 6052, 8215, 3056, 4380 and 5214 to put an IPv4 address into IPv6. */
const embedded = fc
  .tuple(fc.nat(7), fc.array(fc.nat(0xffff), { minLength: 4, maxLength: 4 }), fc.constantFrom('2a00', '2607', '2400'))
  .map(([way, random, start]) => (octets: readonly number[]) => {
    const [high, low] = halves(octets);
    const [r0 = 0, r1 = 0, r2 = 0, r3 = 0] = random;
    const rest = random.map(hex).join(':');
    return [
      `[::ffff:${octets.join('.')}]`,
      `[::ffff:${high}:${low}]`,
      `[::${high}:${low}]`,
      `[::ffff:0:${high}:${low}]`,
      `[64:ff9b::${high}:${low}]`,
      `[64:ff9b:1:${hex(r0)}:${hex(r1)}:${hex(r2)}:${high}:${low}]`,
      `[2002:${high}:${low}:${rest}:${hex(r3)}]`,
      `[${start}:${hex(r0)}:${hex(r1)}:${hex(r2)}:${r3 % 2 === 0 ? '0' : '200'}:5efe:${high}:${low}]`,
    ][way] as string; // as: there are eight
  });

test('no spelling of a private IPv4 address gets through', () => {
  fc.assert(
    fc.property(privateV4, fc.oneof(written, embedded), (octets, spell) => {
      expect(() => assertPublicUrl(new URL(`http://${spell(octets)}/`))).toThrow(ForbiddenTargetError);
    }),
    { numRuns: 2_000 },
  );
});

test('no Teredo address gets through, whichever server and client it names', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(0xffff), { minLength: 6, maxLength: 6 }), (groups) => {
      expect(isPublicAddress(`2001:0:${groups.map(hex).join(':')}`)).toBe(false);
    }),
  );
});

test('a resolver that answers a private address within IPv6 changes nothing', () => {
  fc.assert(
    fc.property(privateV4, embedded, (octets, spell) => {
      const { hostname } = new URL(`http://${spell(octets)}/`);
      expect(isPublicAddress(hostname.slice(1, -1))).toBe(false);
    }),
    { numRuns: 1_000 },
  );
});

test('only IPv6 below 2000::/3 can be public', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const isPublic = isPublicAddress(address);
      if (!isPublic || address.includes('.')) return;
      const { hostname } = new URL(`http://[${address}]/`);
      expect(hostname).toMatch(/^\[(2|3)[0-9a-f]{3}:|^\[::ffff:|^\[64:ff9b::/);
    }),
  );
});

test.each([
  '8.8.8.8', '1.1.1.1', '172.32.0.1', '2606:4700:4700::1111', '::ffff:8.8.8.8', '::ffff:808:808', '64:ff9b::8.8.8.8', '2607:f8b0::5efe:808:808',
])('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true);
}); // prettier-ignore

test.each([
  '127.0.0.1', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '198.18.0.1', '0.0.0.0', '255.255.255.255',
  '::', '::1', 'fe80::1', 'fe80::1%eth0', 'fc00::1', 'fec0::1', 'ff02::1', '2001:db8::1', '2002:7f00:1::', '::ffff:127.0.0.1', '::127.0.0.1',
  '64:ff9b::7f00:1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::8.8.8.8', '::8.8.8.8', '::808:808', '168.63.129.16', '::ffff:168.63.129.16', '4000::1', '100:0:0:1::1', '3fff::1', 'not an address', '',
])('%j is not public', (address) => {
  expect(isPublicAddress(address)).toBe(false);
}); // prettier-ignore

test.each(['ftp://example.com/', 'file:///etc/passwd', 'data:text/html,x', 'ws://example.com/'])(
  '%s is refused',
  (url) => {
    expect(() => assertPublicUrl(new URL(url))).toThrow(ForbiddenTargetError);
  },
);

test.each(['http://example.com/', 'https://93.184.216.34/', 'http://localhost.example.com/', 'http://mylocalhost/'])(
  '%s passes as written',
  (url) => {
    expect(() => assertPublicUrl(new URL(url))).not.toThrow();
  },
);

describe('lookup', () => {
  const resolveTo =
    (...addresses: string[]) =>
    (
      _name: string,
      _options: unknown,
      callback: (error: null, answers: { address: string; family: number }[]) => void,
    ) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
  const ask = (allow: string[], addresses: string[], name = 'name.test') =>
    new Promise((resolve, reject) => {
      createGuard(allow, { resolve: resolveTo(...addresses) }).lookup(name, { all: true }, (error, answers) =>
        error ? reject(error) : resolve((answers as { address: string }[]).map(({ address }) => address)),
      );
    });

  test('hands on public answers', async () => {
    expect(await ask([], ['8.8.8.8', '2606:4700::1'])).toEqual(['8.8.8.8', '2606:4700::1']);
  });

  test('refuses when any answer is not public', async () => {
    await expect(ask([], ['8.8.8.8', '10.0.0.1'])).rejects.toMatchObject({
      name: 'ForbiddenTargetError',
      host: 'name.test',
      reason: 'it resolves to 10.0.0.1',
    });
  });

  test('dials only what is opened', async () => {
    expect(await ask(['127.0.0.0/8'], ['127.0.0.1', '::1'], 'localhost')).toEqual(['127.0.0.1']);
    await expect(ask(['127.0.0.0/8'], ['10.0.0.1'])).rejects.toThrow(ForbiddenTargetError);
  });

  test('an opened name may be anywhere', async () => {
    expect(await ask(['NAME.test.'], ['10.0.0.1'], 'name.test.')).toEqual(['10.0.0.1']);
    await expect(ask(['name.test'], ['10.0.0.1'], 'sub.name.test')).rejects.toThrow(ForbiddenTargetError);
  });

  test('guards a real connection to a name', async () => {
    const origin = await startOrigin((_req, res) => res.end('secret'));
    const dispatcher = new Agent({ connect: { lookup: guardedLookup } });
    const attempt = request(`http://localhost:${origin.port}/`, { dispatcher });
    await expect(attempt).rejects.toMatchObject({ name: 'ForbiddenTargetError' });
    await dispatcher.close();
    expect(origin.connections).toBe(0);
  });
});

describe('fetchPage', () => {
  test.each(['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '2130706433'])('refuses %s by default', async (host) => {
    const origin = await startOrigin((_req, res) => res.end('secret'));
    const outcome = await fetchOnce(openFetcher({ allowPrivateTargets: [] }), `http://${host}:${origin.port}/`);
    expect(outcome).toMatchObject({ kind: 'forbidden', host: expect.any(String), reason: expect.any(String) });
    expect(origin.connections).toBe(0);
  });

  test.each(['http://10.0.0.1/', 'http://169.254.169.254/latest/meta-data/', 'http://[::1]/', 'http://127.0.0.2/'])(
    'refuses a redirect from an opened host to %s',
    async (location) => {
      const origin = await startOrigin(faults.redirectTo(location));
      const outcome = await fetchOnce(openFetcher({ allowPrivateTargets: ['127.0.0.1/32'] }), origin.url);
      expect(outcome).toMatchObject({ kind: 'forbidden' });
    },
  );

  test('refuses a redirect from an opened name to the address behind it', async () => {
    const origin = await startOrigin((req, res) => {
      if (req.url === '/') res.writeHead(302, { location: `http://127.0.0.1:${origin.port}/x` }).end();
      else res.end('ok');
    });
    const fetcher = openFetcher({ allowPrivateTargets: ['localhost'] });
    expect(pageOf(await fetchOnce(fetcher, `http://localhost:${origin.port}/ok`)).body.toString()).toBe('ok');
    expect(await fetchOnce(fetcher, `http://localhost:${origin.port}/`)).toMatchObject({
      kind: 'forbidden',
      host: '127.0.0.1',
    });
    expect(origin.requests.map(({ url }) => url)).toEqual(['/ok', '/']);
  });

  test.each(['127.0.0.0/8', '127.0.0.1', '::ffff:127.0.0.0/104', '*'])('%s opens loopback', async (entry) => {
    const origin = await startOrigin((_req, res) => res.end('ok'));
    const fetcher = openFetcher({ allowPrivateTargets: [entry] });
    expect(pageOf(await fetchOnce(fetcher, origin.url)).statusCode).toBe(200);
    expect(pageOf(await fetchOnce(fetcher, `http://localhost:${origin.port}/`)).statusCode).toBe(200);
  });
});

describe('parseAllowList', () => {
  test('takes CIDRs, addresses, names and *', () => {
    const text = ' 10.0.0.0/8, fd00::/8 [::1]\nintranet.local,*,,b\u00fccher.example ';
    expect(parseAllowList(text)).toEqual([
      '10.0.0.0/8',
      'fd00::/8',
      '[::1]',
      'intranet.local',
      '*',
      'b\u00fccher.example',
    ]);
    expect(parseAllowList('')).toEqual([]);
  });

  test.each([
    '10.0.0.0/33',
    'fd00::/129',
    '10.0.0/8',
    'http://intranet',
    'intranet:8080',
    '10.0.0.1:80',
    '127.1',
    'a b/c',
    '*.example.com',
    '10.0.0.0/',
    'x@y',
  ])('names the bad entry in %j', (text) => {
    expect(() => parseAllowList(`10.0.0.0/8,${text}`)).toThrow(/^private targets to allow: ".+" (is|needs|has) /);
    expect(() => createGuard(['10.0.0.0/8', text])).toThrow(TypeError);
  });

  test('a CIDR opens exactly its addresses', () => {
    const { isAllowed } = createGuard(['172.16.0.0/12', 'fd12:3456::/33']);
    expect(['172.16.0.0', '172.31.255.255', 'fd12:3456:7fff::1', '::ffff:172.16.0.1'].filter(isAllowed)).toHaveLength(
      4,
    );
    expect(['172.15.255.255', '172.32.0.0', 'fd12:3456:8000::1', 'localhost', 'a.test'].filter(isAllowed)).toEqual([]);
  });
});

test('whoever runs the server is told which setting opens an address, and for what none is meant', () => {
  const guard = createGuard([]);
  const messageOf = (url: string): string => {
    try {
      guard.assertUrl(new URL(url));
      return '';
    } catch (error) {
      return (error as Error).message; // as: thrown by the guard
    }
  };
  expect(messageOf('http://127.0.0.1:3000/')).toBe(
    '127.0.0.1 may not be connected to: the address is not public; on your own server, ALLOW_PRIVATE_TARGETS=127.0.0.1 opens it',
  );
  for (const host of ['localhost', '10.1.2.3', '[::1]'])
    expect(messageOf(`http://${host}/`)).toMatch(/ALLOW_PRIVATE_TARGETS=\S+ opens it$/);
  for (const url of ['http://metadata.google.internal/', 'ftp://example.com/'])
    expect(messageOf(url)).not.toContain('ALLOW_PRIVATE_TARGETS');
});
