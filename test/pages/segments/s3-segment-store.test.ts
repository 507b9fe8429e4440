import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { createS3SegmentStore } from '../../../src/pages/segments/s3-segment-store';
import type { S3SegmentStoreOptions } from '../../../src/pages/segments/s3-segment-store';
import type { SegmentStore } from '../../../src/pages/segments/segment-store';
import { hourOf } from '../../../src/pages/segments/segment-store';
import { faults, startOrigin } from '../../support/origin';
import { startRelay } from '../../support/relay';
import type { Meddle, Relay } from '../../support/relay';
import { describeWithS3, S3_ACCESS_KEY, S3_SECRET, S3_SETUP_TIMEOUT_MS, startS3Server } from '../../support/s3-server';
import type { S3Server } from '../../support/s3-server';
import { bytes, newKey, testSegmentStore } from './segment-store-contract';
import type { StorePlace } from './segment-store-contract';

describeWithS3('on a real S3 server', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server();
  }, S3_SETUP_TIMEOUT_MS);
  afterAll(() => server.remove());

  /** Makes a new bucket. Everything is below a prefix, because the rest of the bucket is somebody else's. */
  async function openPlace(): Promise<StorePlace> {
    const bucket = await server.createBucket();
    const prefix = 'team/pages';
    const open = () => createS3SegmentStore({ ...server.options, bucket, prefix });
    const store = open();
    return {
      store,
      another: open,
      async names() {
        const names = await server.names(bucket);
        return names.map((name) =>
          name.startsWith(`${prefix}/`) ? name.slice(prefix.length + 1) : `outside: ${name}`,
        );
      },
      plant: (name, content) => server.put(bucket, `${prefix}/${name}`, content),
      cutShort: async (key, length) => server.put(bucket, `${prefix}/${key}`, await store.read(key, 0, length)),
      remove: async () => undefined,
    };
  }

  describe('as any store', () => {
    testSegmentStore(openPlace);
  });

  describe('as objects', () => {
    let bucket: string;
    let store: SegmentStore;
    const open = (more: Partial<S3SegmentStoreOptions> = {}) =>
      createS3SegmentStore({ ...server.options, bucket, ...more });

    beforeEach(async () => {
      bucket = await server.createBucket();
      store = open();
    });

    test('without a prefix the key is the name of the object', async () => {
      const key = newKey();
      await store.write(key, bytes('x'));
      expect(await server.names(bucket)).toEqual([key]);
      expect(await store.listHours()).toEqual([hourOf(key)]);
      await store.removeHour(hourOf(key));
      expect(await server.names(bucket)).toEqual([]);
    });

    test('an hour goes with all its objects, also when they are more than one list and one delete can name', async () => {
      const hour = 'segments/2026/10/05/13';
      const folder = join(server.folderOf(bucket), hour);
      await mkdir(folder, { recursive: true });
      const names = Array.from({ length: 1_001 }, (_, i) => `${i}.warc`);
      await Promise.all(names.map((name) => writeFile(join(folder, name), 'x')));
      await expect(server.names(bucket)).rejects.toThrow('more names than one list holds');
      const other = newKey('2026-10-05T14:00:00Z');
      await store.write(other, bytes('y'));
      await store.removeHour(hour);
      expect(await server.names(bucket)).toEqual([other]);
    });

    test('lists of several pages are read to their end', async () => {
      const times = [
        '2024-12-31T23:00Z',
        '2025-01-01T00:00Z',
        '2025-01-01T01:00Z',
        '2025-02-01T00:00Z',
        '2026-01-02T00:00Z',
      ];
      for (const time of times) await store.write(newKey(time), bytes('x'));
      await server.put(bucket, 'segments/2025/01/01/00/one-more', 'x');
      const paged = open({ pageSize: 1 });
      expect(await paged.listHours()).toEqual([
        'segments/2024/12/31/23',
        'segments/2025/01/01/00',
        'segments/2025/01/01/01',
        'segments/2025/02/01/00',
        'segments/2026/01/02/00',
      ]);
      await paged.removeHour('segments/2025/01/01/00');
      expect(await server.names(bucket)).toHaveLength(4);
    });

    test('the removal of an hour is asked about after each delete, and after a no the rest stays until the next', async () => {
      const keys = Array.from({ length: 5 }, () => newKey());
      for (const key of keys) await store.write(key, bytes('x'));
      const paged = open({ pageSize: 2 });
      await paged.removeHour(hourOf(newKey()), async () => false);
      expect(await server.names(bucket)).toHaveLength(3);
      const seen: number[] = [];
      await paged.removeHour(hourOf(newKey()), async () => seen.push((await server.names(bucket)).length) > 0);
      expect(seen).toEqual([1, 0]);
    });

    test('a prefix that begins like another one is kept apart', async () => {
      const [key, other] = [newKey(), newKey()];
      await open({ prefix: 'a' }).write(key, bytes('x'));
      await open({ prefix: 'ab' }).write(other, bytes('y'));
      await open({ prefix: 'a' }).removeHour(hourOf(key));
      expect(await server.names(bucket)).toEqual([`ab/${other}`]);
    });

    test.each([
      ['a wrong secret', { secretAccessKey: 'not-the-secret-of-the-suite' }, 'SignatureDoesNotMatch'],
      ['an unknown key', { accessKeyId: 'key-of-somebody-else' }, 'InvalidAccessKeyId'],
    ])('%s is named in the error of every operation, and nothing of the credentials', async (_name, wrong, code) => {
      const stranger = open(wrong);
      const key = newKey();
      for (const work of [
        () => stranger.check(),
        () => stranger.write(key, [Buffer.alloc(5_000_000)]),
        () => stranger.read(key, 0, 1),
        () => stranger.listHours(),
        () => stranger.removeHour(hourOf(key)),
      ]) {
        const error: unknown = await work().catch((reason: unknown) => reason);
        expect(error).toMatchObject({ name: 'S3RequestError', code, statusCode: 403 });
        const shown = inspect(error, { depth: 10, showHidden: true });
        for (const secret of [S3_SECRET, S3_ACCESS_KEY, ...Object.values(wrong)]) expect(shown).not.toContain(secret);
      }
      expect(await server.names(bucket)).toEqual([]);
    });

    test('a bucket that is not there is not a missing segment', async () => {
      const lost = open({ bucket: `lost-${randomUUID()}` });
      await expect(lost.check()).rejects.toMatchObject({ name: 'S3RequestError', code: 'NoSuchBucket' });
      await expect(lost.read(newKey(), 0, 1)).rejects.toMatchObject({ name: 'S3RequestError', code: 'NoSuchBucket' });
      await expect(lost.listHours()).rejects.toThrow('NoSuchBucket');
    });

    test('while the server is down every operation says so, and goes on once it is back', async () => {
      const key = newKey();
      await store.write(key, bytes('before'));
      await server.stop();
      try {
        const down = { name: 'StoreUnavailableError' };
        await expect(store.check()).rejects.toMatchObject(down);
        await expect(store.write(key, bytes('x'))).rejects.toMatchObject(down);
        await expect(store.read(key, 0, 1)).rejects.toMatchObject(down);
        await expect(store.listHours()).rejects.toMatchObject(down);
        await expect(store.removeHour(hourOf(key))).rejects.toThrow('ECONNREFUSED');
      } finally {
        await server.start();
      }
      expect((await store.read(key, 0, 6)).toString()).toBe('before');
      await store.check();
    });

    describe('over a bad line', () => {
      let relay: Relay | undefined;
      afterEach(() => relay?.close());

      const through = async (meddle: { readonly up?: Meddle; readonly down?: Meddle }) => {
        relay = await startRelay(server.port, meddle);
        return open({ endpoint: relay.url });
      };
      const page = Buffer.alloc(2_000_000, 'a page ');

      test('a segment that is damaged on its way is refused and sent again', async () => {
        let damaged = 0;
        const far = await through({
          up: (bytes) => {
            const at = bytes.indexOf('a page a page');
            if (damaged === 2 || at < 0) return bytes;
            damaged += 1;
            return Buffer.concat([bytes.subarray(0, at), Buffer.from('A'), bytes.subarray(at + 1)]);
          },
        });
        const key = newKey();
        await far.write(key, [page]);
        expect(damaged).toBe(2);
        expect((await store.read(key, 0, page.length)).equals(page)).toBe(true);
      });

      test('an upload that breaks off is sent again from its beginning', async () => {
        let sent = 0;
        let cuts = 0;
        const far = await through({
          up: (bytes) => {
            sent += bytes.length;
            if (cuts === 2 || sent < 1_000_000) return bytes;
            cuts += 1;
            sent = 0;
            return 'cut';
          },
        });
        const key = newKey();
        await far.write(key, [page.subarray(0, 10), page.subarray(10, 700_000), page.subarray(700_000)]);
        expect(cuts).toBe(2);
        expect((await store.read(key, 0, page.length)).equals(page)).toBe(true);
      });

      test('a download that breaks off is asked for again', async () => {
        const key = newKey();
        await store.write(key, [page]);
        let cuts = 0;
        let received = 0;
        const far = await through({
          down: (bytes) => {
            received += bytes.length;
            if (cuts === 2 || received < 1_000_000) return bytes;
            cuts += 1;
            received = 0;
            return 'cut';
          },
        });
        expect((await far.read(key, 7, 1_900_000)).equals(page.subarray(7, 1_900_007))).toBe(true);
        expect(cuts).toBe(2);
      });

      test('connections are used again', async () => {
        const far = await through({});
        for (let i = 0; i < 5; i += 1) {
          const key = newKey();
          await far.write(key, [page, page]);
          await far.read(key, 0, 1);
        }
        expect(relay?.connections).toBe(1);
      });
    });
  });
});

describe('against servers that misbehave', () => {
  const storeAt = (endpoint: string) =>
    createS3SegmentStore({
      endpoint,
      region: 'us-east-1',
      bucket: 'bucket',
      forcePathStyle: true,
      accessKeyId: 'key',
      secretAccessKey: 'secret',
      limits: { idleTimeoutMs: 100, tryTimeoutMs: 500, tries: 2 },
    });

  test('one that never answers is given up', async () => {
    const origin = await startOrigin(faults.stalledHeaders());
    const store = storeAt(origin.url);
    await expect(store.check()).rejects.toMatchObject({ name: 'StoreUnavailableError' });
    await expect(store.read(newKey(), 0, 1)).rejects.toMatchObject({ name: 'StoreUnavailableError' });
    await expect(store.write(newKey(), bytes('x'))).rejects.toMatchObject({ name: 'StoreUnavailableError' });
    expect(origin.requests).toHaveLength(8); // Each has two tries, and a write that fails asks once more whether it may write.
  });

  test('one that dribbles is given up too', async () => {
    const origin = await startOrigin((_req, res) => {
      res.writeHead(206, { 'content-range': 'bytes 0-99/1000', 'content-length': 100 });
      const timer = setInterval(() => res.write('x'), 20);
      res.on('close', () => clearInterval(timer));
    });
    await expect(storeAt(origin.url).read(newKey(), 0, 100)).rejects.toMatchObject({ name: 'StoreUnavailableError' });
    expect(origin.requests).toHaveLength(2);
  });

  test('one that is busy is asked again', async () => {
    const origin = await startOrigin((_req, res) => {
      if (origin.requests.length > 1) res.end();
      else res.writeHead(503).end('<Error><Code>SlowDown</Code><Message>later</Message></Error>');
    });
    await storeAt(origin.url).write(newKey(), bytes('one ', 'two'));
    expect(origin.requests.map(({ body }) => body)).toEqual(['one two', 'one two']);
  });

  test('one that ignores ranges is not believed', async () => {
    const origin = await startOrigin((_req, res) => res.end('everything'));
    await expect(storeAt(origin.url).read(newKey(), 2, 3)).rejects.toThrow('asked for bytes=2-4, got everything');
  });

  test('one that does not delete is an error instead of an endless loop', async () => {
    const hour = 'segments/2026/10/05/13';
    const origin = await startOrigin((req, res) =>
      res.end(
        req.method === 'GET'
          ? `<ListBucketResult><Contents><Key>${hour}/x</Key></Contents></ListBucketResult>`
          : '<DeleteResult/>',
      ),
    );
    await expect(storeAt(origin.url).removeHour(hour)).rejects.toThrow('was deleted, but is still there');
  });

  test('a refusal to delete a single object is an error', async () => {
    const hour = 'segments/2026/10/05/13';
    const origin = await startOrigin((req, res) =>
      res.end(
        req.method === 'GET'
          ? `<ListBucketResult><Contents><Key>${hour}/x</Key></Contents></ListBucketResult>`
          : `<DeleteResult><Error><Key>${hour}/x</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>`,
      ),
    );
    await expect(storeAt(origin.url).removeHour(hour)).rejects.toMatchObject({ code: 'AccessDenied' });
  });
});
