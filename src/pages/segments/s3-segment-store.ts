import { Readable } from 'node:stream';
import type { MayGoOn } from '../../async/work-pace';
import { StoreUnavailableError } from '../../store/store-unavailable';
import {
  coalesce,
  assertHour,
  hourOf,
  isSegmentKey,
  SegmentMissingError,
  SegmentTruncatedError,
} from './segment-store';
import type { SegmentEntry, SegmentStore } from './segment-store';
import { erasedRecord, isCovered } from './erased-record';
import type { ByteRange } from './erased-record';
import { createRetryS3, createS3Client, loadS3Sdk, sha256Of, signWith } from './s3-client';
import type { S3ClientOptions } from './s3-client';
import { S3RequestError } from './s3-error';

export interface S3SegmentStoreOptions extends S3ClientOptions {
  readonly bucket: string;
  /** Text before every key, without a slash at its ends. @default '' */
  readonly prefix?: string | undefined;
  /** Number of names in one list and of objects in one delete. @default 1_000, which is the most that S3 takes */
  readonly pageSize?: number | undefined;
}

const PART_BYTES = 1 << 18;
const CHECK_TIMEOUT_MS = 5_000;
const LISTS_AT_ONCE = 8;

/**
 * Stores segments as objects of a bucket, which has to be there. An object is durable and replaced as a whole once PutObject has
 * answered. It needs the permissions to get, put, delete and list.
 * @throws with code MODULE_NOT_FOUND when the SDK is not installed
 */
export function createS3SegmentStore(options: S3SegmentStoreOptions): SegmentStore {
  const { bucket, prefix = '', pageSize = 1_000 } = options;
  const sdk = loadS3Sdk();
  const client = createS3Client(sdk, options);
  const retryS3 = createRetryS3(options.limits);
  const root = prefix === '' ? '' : `${prefix}/`;
  const at = (key: string) => ({ Bucket: bucket, Key: root + key });

  async function write(key: string, chunks: readonly Buffer[]): Promise<void> {
    hourOf(key);
    const totalBytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const sha256 = await sha256Of(chunks);
    // The body is a stream, so that the segment is not in memory twice. Every try has a new one, because a stream that was read is empty.
    const put = (abortSignal: AbortSignal) => {
      const body = Readable.from(coalesce(chunks, PART_BYTES), { objectMode: false });
      const command = new sdk.PutObjectCommand({ ...at(key), Body: body, ContentLength: totalBytes });
      signWith(command, sha256);
      return client.send(command, { abortSignal });
    };
    try {
      await retryS3(`PutObject ${key}`, put);
    } catch (error) {
      // A server that refuses may close the connection before it has read everything, and its answer is lost on the way.
      if (error instanceof StoreUnavailableError) await check();
      throw error;
    }
  }

  async function read(key: string, offset: number, length: number): Promise<Buffer> {
    hourOf(key);
    if (!isSize(offset) || !isSize(length)) throw new RangeError(`range ${offset}+${length} of ${key} is not valid`);
    const wanted = Math.max(length, 1); // HTTP has no empty range, but `read` has to find out whether the object is there.
    const Range = `bytes=${offset}-${offset + wanted - 1}`;
    try {
      const found = await retryS3(`GetObject ${key}`, async (abortSignal) => {
        const { Body, ContentRange } = await client.send(new sdk.GetObjectCommand({ ...at(key), Range }), {
          abortSignal,
        });
        if (!(Body instanceof Readable)) throw new TypeError('GetObject gave no stream');
        if (ContentRange?.startsWith(`bytes ${offset}-`) !== true) {
          Body.destroy();
          throw new Error(`asked for ${Range}, got ${ContentRange ?? 'everything'}`);
        }
        return collect(Body, wanted);
      });
      if (found.length < length) throw new SegmentTruncatedError(key, offset, length, found.length);
      return found.subarray(0, length);
    } catch (error) {
      if (!(error instanceof S3RequestError)) throw error;
      if (error.code === 'NoSuchKey') throw new SegmentMissingError(key, { cause: error });
      if (error.statusCode !== 416) throw error; // 416: the range begins at the end or beyond it.
      if (length > 0) throw new SegmentTruncatedError(key, offset, length, 0);
      return Buffer.alloc(0);
    }
  }

  async function listHours(): Promise<string[]> {
    let prefixes = ['segments'];
    for (const name of [/^\d{4}$/, /^\d{2}$/, /^\d{2}$/, /^\d{2}$/]) {
      const below: string[] = [];
      for (let next = 0; next < prefixes.length; next += LISTS_AT_ONCE) {
        const group = prefixes.slice(next, next + LISTS_AT_ONCE);
        below.push(...(await Promise.all(group.map((each) => foldersIn(each, name)))).flat());
      }
      prefixes = below;
    }
    return prefixes.sort();
  }

  /** Lists folders. With a delimiter S3 gives what lies below as one name, however many objects that are. */
  async function foldersIn(folder: string, name: RegExp): Promise<string[]> {
    const found: string[] = [];
    let token: string | undefined;
    do {
      const page = await list(`${folder}/`, { Delimiter: '/', ContinuationToken: token });
      for (const { Prefix = '' } of page.CommonPrefixes ?? []) {
        const path = Prefix.slice(root.length, -1);
        if (name.test(path.slice(folder.length + 1))) found.push(path);
      }
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
    return found;
  }

  /** S3 lists in the order of the names' bytes. */
  async function* listSegments(hour: string): AsyncGenerator<SegmentEntry> {
    assertHour(hour);
    let token: string | undefined;
    do {
      const page = await list(`${hour}/`, { ContinuationToken: token });
      for (const { Key = '', Size = 0, LastModified = new Date(0) } of page.Contents ?? []) {
        const key = Key.slice(root.length);
        if (isSegmentKey(key)) yield { key, bytes: Size, writtenAt: LastModified };
      }
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  const list = (below: string, more: { Delimiter?: string; ContinuationToken?: string | undefined } = {}) =>
    retryS3(`ListObjectsV2 ${below}`, (abortSignal) =>
      client.send(new sdk.ListObjectsV2Command({ Bucket: bucket, Prefix: root + below, MaxKeys: pageSize, ...more }), {
        abortSignal,
      }),
    );

  async function removeHour(prefix: string, mayGoOn?: MayGoOn): Promise<void> {
    assertHour(prefix);
    let lastFirst: string | undefined;
    // It lists from the beginning each time, because what was listed is gone by then.
    for (;;) {
      const { Contents = [] } = await list(`${prefix}/`);
      const keys = Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
      if (keys.length === 0) return;
      if (keys[0] === lastFirst) throw new Error(`${lastFirst} was deleted, but is still there`);
      lastFirst = keys[0];
      await remove(keys);
      if (mayGoOn !== undefined && !(await mayGoOn())) return;
    }
  }

  async function remove(keys: readonly string[]): Promise<void> {
    const Delete = { Quiet: true, Objects: keys.map((Key) => ({ Key })) };
    const { Errors: [first] = [] } = await retryS3('DeleteObjects', (abortSignal) =>
      client.send(new sdk.DeleteObjectsCommand({ Bucket: bucket, Delete }), { abortSignal }),
    );
    if (first === undefined) return;
    const { Key = '', Code = 'UnknownError', Message = '' } = first;
    throw new S3RequestError(`DeleteObjects ${Key}`, Code, undefined, Message);
  }

  /** Replaces the object, because nothing can be overwritten in it. */
  async function erase(key: string, ranges: readonly ByteRange[]): Promise<void> {
    hourOf(key);
    const whole = await readWhole(key);
    if (whole === undefined) return;
    if (isCovered(ranges, whole.length)) return remove([root + key]);
    for (const { offset, length } of ranges) {
      let at = offset;
      for (const part of erasedRecord(Math.min(length, whole.length - offset))) at += part.copy(whole, at);
    }
    await write(key, [whole]);
  }

  async function readWhole(key: string): Promise<Buffer | undefined> {
    try {
      return await retryS3(`GetObject ${key}`, async (abortSignal) => {
        const { Body, ContentLength } = await client.send(new sdk.GetObjectCommand(at(key)), { abortSignal });
        if (!(Body instanceof Readable)) throw new TypeError('GetObject gave no stream');
        return collect(Body, ContentLength ?? 0);
      });
    } catch (error) {
      if (error instanceof S3RequestError && error.code === 'NoSuchKey') return undefined;
      throw error;
    }
  }

  async function check(): Promise<void> {
    const within = AbortSignal.timeout(CHECK_TIMEOUT_MS);
    const probe = at('.check'); // All use one name, so that a crash leaves one object at most.
    const put = new sdk.PutObjectCommand({ ...probe, Body: 'ok' });
    await retryS3('PutObject .check', (abortSignal) => client.send(put, { abortSignal }), within);
    const remove = new sdk.DeleteObjectCommand(probe);
    await retryS3('DeleteObject .check', (abortSignal) => client.send(remove, { abortSignal }), within);
  }

  return { write, read, listHours, listSegments, removeHour, erase, check };
}

/** Collects a body in one buffer as it arrives; it has fewer bytes where the object ends before. */
async function collect(body: Readable, maxBytes: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(maxBytes);
  let found = 0;
  for await (const part of body as AsyncIterable<Buffer>) {
    if (found + part.length > maxBytes) throw new Error(`asked for ${maxBytes} bytes, got more`);
    found += part.copy(bytes, found);
  }
  return bytes.subarray(0, found);
}

const isSize = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
