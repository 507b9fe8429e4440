import fc from 'fast-check';
import { hrefOf, hrefWith, parseLocation } from '../../web/src/routing/location';

test('the address of a place is read as that place', () => {
  expect(parseLocation('#/batches/0199?tab=urls&q=a%20b')).toEqual({
    path: ['batches', '0199'],
    query: { tab: 'urls', q: 'a b' },
  });
  for (const hash of ['', '#', '#/', '#/?']) expect(parseLocation(hash)).toEqual({ path: [], query: {} });
});

test('addresses that people have edited are read as far as they make sense', () => {
  expect(parseLocation('#/hosts/50%')).toEqual({ path: ['hosts', '50%'], query: {} });
  expect(parseLocation('#//batches//?status=&status=failed&q=a?b')).toEqual({
    path: ['batches'],
    query: { status: 'failed', q: 'a?b' },
  });
});

test('values that are empty are not part of an address', () => {
  expect(hrefOf(['batches'], { status: undefined, q: '', cursor: 'x' })).toBe('#/batches?cursor=x');
  const here = parseLocation('#/batches?status=failed&cursor=x');
  expect(hrefWith(here, { cursor: undefined, tag: 'a&b' })).toBe('#/batches?status=failed&tag=a%26b');
});

test('every place survives being written and read', () => {
  const text = fc.string({ minLength: 1, unit: 'binary' }).filter((one) => Buffer.from(one).toString() === one);
  fc.assert(
    fc.property(fc.array(text), fc.dictionary(text, text), (path, query) => {
      const read = parseLocation(hrefOf(path, query));
      expect([...read.path]).toEqual(path);
      expect({ ...read.query }).toEqual({ ...query });
    }),
    { numRuns: 200 },
  );
});
