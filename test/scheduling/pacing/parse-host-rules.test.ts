import { HostRules } from '../../../src/scheduling/pacing/host-rules';
import { parseHostRules } from '../../../src/scheduling/pacing/parse-host-rules';

const rulesOf = (text: string) => new HostRules(parseHostRules(text));

test.each([
  ['example.com=5/s', 'example.com', { intervalMs: 200 }],
  ['example.com=30/m', 'example.com', { intervalMs: 2_000 }],
  ['example.com=1/h', 'example.com', { intervalMs: 3_600_000 }],
  ['example.com=1000/s', 'example.com', { intervalMs: 1 }],
  [
    ' Example.COM. = 5/s ; concurrency=2 ; robots=on ',
    'example.com',
    { intervalMs: 200, concurrency: 2, obeysRobots: true },
  ],
  ['münchen.test=5/s', 'xn--mnchen-3ya.test', { intervalMs: 200 }],
  ['10.0.0.1=5/s', '10.0.0.1', { intervalMs: 200 }],
  ['[::1]=5/s', '::1', { intervalMs: 200 }],
  ['*=unlimited;robots=off', 'any.test', { intervalMs: 0, obeysRobots: false }],
])('%s', (text, host, expected) => {
  expect(rulesOf(text).of(host)).toEqual(expected);
});

test('a host by itself is not its subdomains; *.name is the name and everything below it', () => {
  const rules = rulesOf('a.test=1/s, *.b.test=2/s');
  const intervals = ['a.test', 'www.a.test', 'b.test', 'x.y.b.test', 'xb.test'].map(
    (host) => rules.of(host).intervalMs,
  );
  expect(intervals).toEqual([1_000, undefined, 500, 500, undefined]);
});

test('of each limit the most specific entry counts that has one: the host, the longest name, all hosts', () => {
  const rules = rulesOf(
    '*=4/s;concurrency=8;robots=on\n*.test=2/s\n*.shop.test=concurrency=3\nwww.shop.test=unlimited',
  );
  const limits = (host: string) => Object.values(rules.of(host));
  expect(limits('www.shop.test')).toEqual([0, 3, true]);
  expect(limits('img.shop.test')).toEqual([500, 3, true]);
  expect(limits('other.test')).toEqual([500, 8, true]);
  expect(limits('example.com')).toEqual([250, 8, true]);
});

test('the parts of an address are no domains', () => {
  const rules = rulesOf('*.1=1/s');
  expect(rules.of('10.0.0.1').intervalMs).toBeUndefined();
});

test('every problem is named, and what is wrong about it', () => {
  const text =
    'a.test, b.test=, c.test=5/d, d.test=0/s, e.test=2000/s, f.test=1/s;2/s, g.test=concurrency=0, http://h.test=1/s, i.test:80=1/s, a*.test=1/s, j.test=1/s, J.test=2/s';
  const message = (() => {
    try {
      parseHostRules(text);
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  })();
  expect(
    message
      .replace('limits of hosts: ', '')
      .split('; "')
      .map((problem) => problem.replace(/^"?/, '')),
  ).toEqual([
    'a.test" does not begin with a host name, an address, *.name or *, and then =',
    'b.test=" has "" where 5/s, 30/m, 100/h, unlimited, concurrency=2, robots=on or robots=off may stand',
    'c.test=5/d" has "5/d" where 5/s, 30/m, 100/h, unlimited, concurrency=2, robots=on or robots=off may stand',
    'd.test=0/s" needs a pace from 1/h to 1000/s',
    'e.test=2000/s" needs a pace from 1/h to 1000/s',
    'f.test=1/s;2/s" says twice what "2/s" says',
    'g.test=concurrency=0" needs a concurrency from 1 to 4096',
    'http://h.test=1/s" does not begin with a host name, an address, *.name or *, and then =',
    'i.test:80=1/s" does not begin with a host name, an address, *.name or *, and then =',
    'a*.test=1/s" does not begin with a host name, an address, *.name or *, and then =',
    'J.test=2/s" is about a host that has an entry already',
  ]);
});

test('nothing is no rule', () => {
  expect(rulesOf(' , \n').isEmpty).toBe(true);
});
