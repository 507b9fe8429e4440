import { HostRecords } from '../../../src/fetch/proxies/proxy-health';

test('hosts are forgotten when there are too many, those without news first', () => {
  const records = new HostRecords(3);
  for (const host of ['a', 'b', 'c']) records.note(host, 'bad', 0);
  records.note('a', 'bad', 0);
  records.note('d', 'bad', 0);
  expect(records.size).toBe(3);
  expect(['a', 'b', 'c', 'd'].map((host) => records.chanceOn(host, 0) < 1)).toEqual([true, false, true, true]);
});

test('hosts where nothing is wrong take no memory', () => {
  const records = new HostRecords(1_000);
  for (let each = 0; each < 100; each += 1) records.note(`${each}.test`, 'good', 0);
  expect(records.size).toBe(0);
  records.note('a', 'bad', 0);
  for (let each = 0; each < 2; each += 1) records.note('a', 'good', 0);
  expect(records.size).toBe(0);
});
