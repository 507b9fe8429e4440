import { parseNameServers } from '../../../src/net/dns/parse-name-servers';

test.each([
  ['', []],
  [' , ', []],
  ['1.1.1.1', ['1.1.1.1']],
  ['1.1.1.1,8.8.8.8', ['1.1.1.1', '8.8.8.8']],
  [' 1.1.1.1 ,\n10.0.0.53:5353\t', ['1.1.1.1', '10.0.0.53:5353']],
  ['fd00::53', ['fd00::53']],
  ['::1', ['::1']],
  ['[fd00::53]', ['[fd00::53]']],
  ['[fd00::53]:5353', ['[fd00::53]:5353']],
  ['::ffff:10.0.0.1', ['::ffff:10.0.0.1']],
  ['127.0.0.1:1 127.0.0.1:65535', ['127.0.0.1:1', '127.0.0.1:65535']],
  ['1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4 1.1.1.5', ['1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4', '1.1.1.5']],
])('%j names %j', (text, servers) => {
  expect(parseNameServers(text)).toEqual(servers);
});

test.each([
  'dns.example.com',
  'localhost',
  '1.1.1',
  '1.1.1.256',
  '1.1.1.1:0',
  '1.1.1.1:65536',
  '1.1.1.1:',
  '1.1.1.1:dns',
  '1.1.1.1:53:53',
  '1.1.1.1;8.8.8.8',
  '[1.1.1.1]:53',
  '[fd00::53',
  'fd00::53]:53',
  '[fd00::53]53',
  '[]:53',
  ':53',
  'https://1.1.1.1/dns-query',
  'udp://1.1.1.1',
  '1.1.1.1#cloudflare',
  '1.1.1.1, nonsense',
  '1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4 1.1.1.5 1.1.1.6',
])('%j is refused', (text) => {
  expect(parseNameServers(text)).toBeUndefined();
});

test.each(['fe80::1%eth0', '[fe80::1%eth0]:53'])('%j is refused, because its zone would be dropped', (text) => {
  expect(parseNameServers(text)).toBeUndefined();
});
