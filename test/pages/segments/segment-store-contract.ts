import { randomUUID } from 'node:crypto';
import type { SegmentStore } from '../../../src/pages/segments/segment-store';
import { hourOf, segmentKey } from '../../../src/pages/segments/segment-store';

/** An empty place for segments, and a way to it that is not the store's own. */
export interface StorePlace {
  readonly store: SegmentStore;
  /** Opens the same place as another process would. */
  another(): SegmentStore;
  /** Lists everything that is there, hidden or not, sorted. */
  names(): Promise<string[]>;
  /** Puts something there that no store has written; folders that it needs are made. */
  plant(name: string, content: string): Promise<void>;
  cutShort(key: string, bytes: number): Promise<void>;
  remove(): Promise<void>;
}

export const newKey = (time = '2026-10-05T13:00:00Z'): string => segmentKey(new Date(time), randomUUID());
export const bytes = (...texts: string[]): Buffer[] => texts.map((text) => Buffer.from(text));

/** Tests of what every store of segments does, whatever it keeps them in. */
export function testSegmentStore(open: () => Promise<StorePlace>): void {
  let place: StorePlace;
  let store: SegmentStore;

  beforeEach(async () => {
    place = await open();
    store = place.store;
  });
  afterEach(() => place.remove());

  test('read gives any range of what was written', async () => {
    const key = newKey();
    await store.write(key, bytes('abc', '', 'defgh'));
    expect((await store.read(key, 0, 8)).toString()).toBe('abcdefgh');
    expect((await store.read(key, 2, 3)).toString()).toBe('cde');
    expect((await store.read(key, 7, 1)).toString()).toBe('h');
    expect(await store.read(key, 8, 0)).toHaveLength(0);
    expect(await store.read(key, 0, 0)).toHaveLength(0);
  });

  test('write takes thousands of chunks and chunks of megabytes', async () => {
    const chunks = [...Array.from({ length: 3_000 }, (_, i) => Buffer.from(`${i},`)), Buffer.alloc(3_000_000, 'x')];
    const key = newKey();
    await store.write(key, chunks);
    const whole = Buffer.concat(chunks);
    expect((await store.read(key, 0, whole.length)).equals(whole)).toBe(true);
  });

  test('a segment without a byte is one all the same', async () => {
    const key = newKey();
    await store.write(key, []);
    expect(await store.read(key, 0, 0)).toHaveLength(0);
    await expect(store.read(key, 0, 1)).rejects.toThrow('has 0 bytes at offset 0, expected 1');
  });

  test('writing a key again replaces it', async () => {
    const key = newKey();
    await store.write(key, bytes('first'));
    await store.write(key, bytes('second'));
    expect((await store.read(key, 0, 6)).toString()).toBe('second');
    await store.write(key, bytes('3rd'));
    await expect(store.read(key, 0, 6)).rejects.toMatchObject({ name: 'SegmentTruncatedError' });
  });

  test('a reader during a replacement sees the old or the new one, never a part', async () => {
    const key = newKey();
    const size = 300_000;
    await store.write(key, [Buffer.alloc(size, 'a')]);
    let isWritten = false;
    const writing = (async () => {
      for (const fill of ['b', 'c', 'd', 'e']) await store.write(key, [Buffer.alloc(size, fill)]);
      isWritten = true;
    })();
    while (!isWritten) {
      const seen = await store.read(key, 0, size);
      expect(seen.equals(Buffer.alloc(size, seen[0]))).toBe(true);
    }
    await writing;
  });

  test('read of a segment that is not there says so', async () => {
    const key = newKey();
    await expect(store.read(key, 0, 1)).rejects.toMatchObject({ name: 'SegmentMissingError', key });
    await expect(store.read(key, 0, 0)).rejects.toMatchObject({ name: 'SegmentMissingError', key });
  });

  test('read beyond the end is an error instead of fewer bytes', async () => {
    const key = newKey();
    await store.write(key, bytes('abcdef'));
    await expect(store.read(key, 4, 3)).rejects.toMatchObject({ name: 'SegmentTruncatedError' });
    await expect(store.read(key, 4, 3)).rejects.toThrow('has 2 bytes at offset 4, expected 3');
    await expect(store.read(key, 6, 1)).rejects.toThrow('has 0 bytes at offset 6, expected 1');
    await expect(store.read(key, 700, 1)).rejects.toThrow('has 0 bytes at offset 700, expected 1');
    await place.cutShort(key, 3);
    await expect(store.read(key, 0, 6)).rejects.toThrow('has 3 bytes at offset 0, expected 6');
  });

  test.each([
    [-1, 1],
    [0, -1],
    [0.5, 1],
    [0, Number.NaN],
  ])('read refuses the range %d+%d', async (offset, length) => {
    await expect(store.read(newKey(), offset, length)).rejects.toThrow(RangeError);
  });

  test('a key that leads elsewhere is refused by every operation', async () => {
    const outside = 'segments/2026/10/05/../../../../outside.warc';
    await expect(store.write(outside, bytes('x'))).rejects.toThrow('is not a segment key');
    await expect(store.read(outside, 0, 1)).rejects.toThrow('is not a segment key');
    await expect(store.removeHour('segments/2026/10/05/..')).rejects.toThrow('is not an hour of segments');
    expect(await place.names()).toEqual([]);
  });

  test('writers of a new hour do not disturb each other', async () => {
    const keys = Array.from({ length: 20 }, () => newKey());
    await Promise.all(keys.map((key) => store.write(key, bytes(key))));
    for (const key of keys) expect((await store.read(key, 0, key.length)).toString()).toBe(key);
  });

  test('a finished write leaves nothing but the segment', async () => {
    const key = newKey();
    await store.write(key, bytes('abc'));
    expect(await place.names()).toEqual([key]);
  });

  test('what a crash leaves behind is no segment, and goes with its hour', async () => {
    const key = newKey();
    await place.plant(`${hourOf(key)}/.${randomUUID()}.tmp`, 'half a rec');
    await expect(store.read(key, 0, 4)).rejects.toMatchObject({ name: 'SegmentMissingError' });
    expect(await store.listHours()).toEqual(['segments/2026/10/05/13']);
    await store.removeHour('segments/2026/10/05/13');
    expect(await place.names()).toEqual([]);
  });

  test('listHours gives the hours in order, and nothing else that lies about', async () => {
    expect(await store.listHours()).toEqual([]);
    for (const time of ['2026-10-05T13:00:00Z', '2025-12-31T23:00:00Z', '2026-10-05T02:00:00Z']) {
      await store.write(newKey(time), bytes('x'));
      await store.write(newKey(time), bytes('y'));
    }
    await place.plant('segments/lost+found/x', 'not a year');
    await place.plant('segments/2026/10/05/14', 'not a folder');
    expect(await store.listHours()).toEqual([
      'segments/2025/12/31/23',
      'segments/2026/10/05/02',
      'segments/2026/10/05/13',
    ]);
  });

  test('listSegments gives the segments of one hour in order, with their sizes, and nothing else that lies about', async () => {
    const of = async (hour: string) => {
      const found = [];
      for await (const each of store.listSegments(hour)) found.push(each);
      return found;
    };
    const keys = [newKey(), newKey(), newKey()].sort();
    expect(await of(hourOf(keys[0] ?? ''))).toEqual([]);
    for (const [index, key] of keys.entries()) await store.write(key, bytes('x'.repeat(index)));
    await store.write(newKey('2026-10-05T14:00:00Z'), bytes('y'));
    await place.plant(`${hourOf(keys[0] ?? '')}/.${randomUUID()}.tmp`, 'half a rec');
    const found = await of('segments/2026/10/05/13');
    expect(found.map(({ key, bytes: size }) => [key, size])).toEqual(keys.map((key, index) => [key, index]));
    for (const { writtenAt } of found) expect(Math.abs(Date.now() - writtenAt.getTime())).toBeLessThan(3_600_000);
    await expect(of('segments')).rejects.toThrow('is not an hour of segments');
  });

  test('removeHour takes one hour and the folders it leaves empty', async () => {
    const old = newKey('2025-12-31T23:00:00Z');
    const recent = newKey();
    await store.write(old, bytes('x'));
    await store.write(recent, bytes('y'));
    await store.removeHour(hourOf(old));
    await store.removeHour(hourOf(old)); // Removing it once more is harmless.
    await expect(store.read(old, 0, 1)).rejects.toMatchObject({ name: 'SegmentMissingError' });
    expect((await store.read(recent, 0, 1)).toString()).toBe('y');
    expect(await place.names()).toEqual([recent]);
    expect(await store.listHours()).toEqual([hourOf(recent)]);
  });

  test('an hour goes in whole when nobody says no', async () => {
    const key = newKey();
    await store.write(key, bytes('x'));
    await store.removeHour(hourOf(key), async () => true);
    await store.removeHour(hourOf(key), async () => true); // Removing it once more is harmless.
    expect(await place.names()).toEqual([]);
  });

  test('an hour that was removed can be written to again, by this or another process', async () => {
    for (const remover of [store, place.another()]) {
      const key = newKey();
      await store.write(key, bytes('x'));
      await remover.removeHour(hourOf(key));
      await store.write(key, bytes('again'));
      expect((await store.read(key, 0, 5)).toString()).toBe('again');
    }
  });

  test('check passes where nothing was written yet, and leaves nothing', async () => {
    await store.check();
    expect(await place.names()).toEqual([]);
  });

  test('what is erased is nowhere any more, the rest stays where it was, and what holds nothing else is removed', async () => {
    const key = newKey();
    const secret = 'secret'.repeat(100);
    await store.write(key, bytes('before', secret, 'between', 'secret', 'behind'));
    await store.read(key, 0, 6);
    await place.another().erase(key, [
      { offset: 6, length: 600 },
      { offset: 613, length: 6 },
    ]);
    for (const each of [store, place.another()]) {
      const text = (await each.read(key, 0, 625)).toString('latin1');
      expect(text).not.toContain('secret');
      expect(text.slice(6, 606)).toMatch(/^WARC\/1\.1\r\nWARC-Type: metadata\r\n[^]*\r\n\r\n\0+\r\n\r\n$/);
      expect([text.slice(0, 6), text.slice(606)]).toEqual(['before', `between${'\0'.repeat(6)}behind`]);
      await expect(each.read(key, 0, 626)).rejects.toMatchObject({ name: 'SegmentTruncatedError' });
    }
    await store.erase(key, [
      { offset: 300, length: 400 },
      { offset: 0, length: 300 },
    ]);
    await expect(store.read(key, 0, 1)).rejects.toMatchObject({ name: 'SegmentMissingError' });
    await store.erase(key, [{ offset: 0, length: 1 }]);
    expect((await place.names()).filter((name) => name.includes(key.split('/').at(-1) ?? ''))).toEqual([]);
  });
}
