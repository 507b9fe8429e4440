import { readTogether } from '../../../src/pages/segments/read-together';
import type { SegmentStore } from '../../../src/pages/segments/segment-store';

function segmentsOf(content: Readonly<Record<string, Buffer>>) {
  const reads: string[] = [];
  const read = async (key: string, offset: number, length: number) => {
    reads.push(`${key} ${offset}+${length}`);
    const bytes = content[key]?.subarray(offset, offset + length);
    if (bytes?.length !== length) throw new Error('no such range');
    return bytes;
  };
  return { segments: { read } as unknown as SegmentStore, reads };
}

test('neighbours are read together, once one of them is asked for; others are not', async () => {
  const { segments, reads } = segmentsOf({ a: Buffer.from('0123456789'), b: Buffer.from('abcdef') });
  const ranges = [
    { segment: 'a', offset: 0, length: 3 },
    { segment: 'a', offset: 3, length: 2 },
    undefined,
    { segment: 'a', offset: 5, length: 1 },
    { segment: 'a', offset: 8, length: 2 },
    { segment: 'b', offset: 0, length: 6 },
  ];
  const records = readTogether(segments, ranges);
  expect(reads).toEqual([]);
  const texts = await Promise.all(records.map(async (record) => (await record?.())?.toString()));
  expect(texts).toEqual(['012', '34', undefined, '5', '89', 'abcdef']);
  expect(reads).toEqual(['a 0+6', 'a 8+2', 'b 0+6']);
});

test('a stretch is at most 128 kB, or one record', async () => {
  const length = 50 * 1024;
  const { segments, reads } = segmentsOf({ a: Buffer.alloc(5 * length) });
  const ranges = [0, 1, 2].map((index) => ({ segment: 'a', offset: index * length, length }));
  const records = readTogether(segments, [...ranges, { segment: 'a', offset: 0, length: 4 * length }]);
  for (const record of records) await record?.();
  expect(reads).toEqual([`a 0+${2 * length}`, `a ${2 * length}+${length}`, `a 0+${4 * length}`]);
});

test('who shares a read shares its failure', async () => {
  const { segments } = segmentsOf({});
  const ranges = [0, 1].map((offset) => ({ segment: 'a', offset, length: 1 }));
  for (const record of readTogether(segments, ranges)) await expect(record?.()).rejects.toThrow('no such range');
});
