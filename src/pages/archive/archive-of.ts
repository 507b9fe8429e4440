import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { Readable, pipeline } from 'node:stream';
import { promisify } from 'node:util';
import { createGzip, gzip } from 'node:zlib';
import type { StoredPage } from '../../store/stored-pages';
import { groupsWithin } from '../groups-within';
import { createOpenPage } from '../open-page';
import type { OpenedPage } from '../open-page';
import { createReadScreenshotRecord } from '../read-screenshot';
import { readTogether } from '../segments/read-together';
import type { ReadRecord } from '../segments/read-together';
import type { SegmentStore } from '../segments/segment-store';
import { RECORD_END, base32 } from '../segments/warc';
import type { OnDamage } from '../undamaged';
import { fieldsRecord, newRecordId, withFields } from './archive-head';

export interface ArchiveDeps {
  readonly segments: SegmentStore;
  readonly onDamage?: OnDamage | undefined;
  /** Name and version of this program. */
  readonly software: string;
}

/** Pages up to this size (bytes) are read and packed several at a time; larger ones one by one, in parts. */
const SMALL_BYTES = 256 * 1024;
const MAX_AT_ONCE = 8;
const MAX_BYTES_AT_ONCE = 1024 * 1024;

const packed = promisify(gzip);

/**
 * Writes the pages as one WARC file, each record a gzip member of its own, in parts as they are asked for, with some megabytes in memory at
 * most. The records are those that are stored, with digests and with what ties them together. Pages that are damaged are left out and counted
 * at the end.
 * @param name name of the file, without a folder
 * @param pages in the order in which they lie in their segments, because neighbours are read together
 */
export async function* archiveOf(
  deps: ArchiveDeps,
  name: string,
  pages: AsyncIterable<readonly StoredPage[]>,
): AsyncGenerator<Buffer> {
  const archive = new Archive(deps);
  yield packed(archive.opening(name));
  for await (const listed of pages) {
    const records = readTogether(
      deps.segments,
      listed.map(({ page }) => (page.length <= SMALL_BYTES ? page : undefined)),
    );
    const items = listed.map((stored, index) => ({ stored, record: records[index] }));
    const limits = { maxItems: MAX_AT_ONCE, maxBytes: MAX_BYTES_AT_ONCE };
    for (const group of groupsWithin(items, ({ stored }) => stored.page.length, limits)) {
      // Opened together, because reading is waiting; a large page comes alone in its group.
      const opened = await Promise.all(group.map(({ stored, record }) => archive.open(stored, record)));
      for (const page of opened) if (page !== undefined) yield* page;
    }
  }
  yield packed(archive.ending());
}

class Archive {
  readonly #deps: ArchiveDeps;
  readonly #openPage: ReturnType<typeof createOpenPage>;
  readonly #readScreenshot: ReturnType<typeof createReadScreenshotRecord>;
  readonly #infoId = newRecordId();
  readonly #counts = { pages: 0, screenshots: 0, damaged: 0 };

  constructor(deps: ArchiveDeps) {
    this.#deps = deps;
    this.#openPage = createOpenPage(deps.segments, deps.onDamage);
    this.#readScreenshot = createReadScreenshotRecord(deps.segments, deps.onDamage);
  }

  opening(name: string): Buffer {
    return fieldsRecord('warcinfo', [['WARC-Record-ID', this.#infoId], ['WARC-Filename', name]], [
      ['software', this.#deps.software],
      ['format', 'WARC File Format 1.1'],
      ['conformsTo', 'https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/'],
    ]); // prettier-ignore
  }

  /** Tells how many records there are, and how many pages and screenshots are left out because what is stored is damaged. */
  ending(): Buffer {
    const head = [['WARC-Record-ID', newRecordId()], ['WARC-Refers-To', this.#infoId], ['WARC-Warcinfo-ID', this.#infoId]] as const; // prettier-ignore
    const { pages, screenshots, damaged } = this.#counts;
    return fieldsRecord('metadata', head, [
      ['pages', String(pages)],
      ['screenshots', String(screenshots)],
      ['damaged', String(damaged)],
    ]);
  }

  /** The members of a page and its screenshot, read and checked; those of a large page are packed as they are asked for. */
  async open(stored: StoredPage, record: ReadRecord | undefined): Promise<AsyncIterable<Buffer> | undefined> {
    const page = await this.#undamaged(() => this.#openPage(stored, record));
    if (page === undefined) return undefined;
    this.#counts.pages += 1;
    const pageId = `<urn:uuid:${stored.page.ownerId ?? stored.id}>`;
    const member = stored.page.length <= SMALL_BYTES ? [await this.#smallMember(page)] : this.#largeMember(page);
    const screenshot = () => this.#screenshotOf(stored, pageId);
    return (async function* () {
      yield* member;
      const behind = await screenshot();
      if (behind !== undefined) yield behind;
    })();
  }

  async #smallMember(page: OpenedPage): Promise<Buffer> {
    const body: Buffer[] = [];
    for await (const part of page.body()) body.push(part);
    const digest = digestOf(page);
    for (const part of body) digest.update(part);
    return packed(Buffer.concat([this.#headOf(page, digest), page.heads.http, ...body, RECORD_END]));
  }

  /** Reads the page once for its digest and once more to send it. */
  async *#largeMember(page: OpenedPage): AsyncGenerator<Buffer> {
    const digest = digestOf(page);
    for await (const part of page.body()) digest.update(part);
    const head = this.#headOf(page, digest);
    yield* packedParts(async function* () {
      yield Buffer.concat([head, page.heads.http]);
      yield* page.body();
      yield RECORD_END;
    });
  }

  #headOf({ heads }: OpenedPage, digest: Hash): Buffer {
    return withFields(heads.record, [
      ['WARC-Payload-Digest', textOf(digest)],
      ['WARC-Warcinfo-ID', this.#infoId],
    ]);
  }

  async #screenshotOf(stored: StoredPage, pageId: string): Promise<Buffer | undefined> {
    const found = await this.#undamaged(() => this.#readScreenshot(stored));
    if (found === undefined) return undefined;
    this.#counts.screenshots += 1;
    const head = withFields(found.head, [
      ['WARC-Payload-Digest', textOf(createHash('sha1').update(found.image))],
      ['WARC-Concurrent-To', pageId],
      ['WARC-Warcinfo-ID', this.#infoId],
    ]);
    return packed(Buffer.concat([head, found.image, RECORD_END]));
  }

  async #undamaged<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if ((error as Error).name !== 'PageDamagedError') throw error;
      this.#counts.damaged += 1;
      return undefined;
    }
  }
}

/** The payload of a response is its body (ISO 28500 §5.9); of other records it is the whole block. */
function digestOf({ isConverted, heads }: OpenedPage): Hash {
  const digest = createHash('sha1');
  return isConverted ? digest.update(heads.http) : digest;
}

const textOf = (digest: Hash): string => `sha1:${base32(digest.digest())}`;

/** One gzip member of what is read part by part. */
async function* packedParts(parts: () => AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const coder = createGzip();
  // An error ends the coder as well, and so the loop; one that is left early ends the reading.
  pipeline(Readable.from(parts(), { objectMode: true, highWaterMark: 1 }), coder, () => undefined);
  yield* coder as AsyncIterable<Buffer>;
}
