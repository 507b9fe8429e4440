import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Everfetch } from '../../client/index';
import { fileError } from '../cli-error';
import { Patience } from '../follow/patience';
import { AppendedFile } from './appended-file';
import { replaceFile } from './durable-file';
import { extensionOf, pageName, placeInBatch } from './page-name';
import type { ResultJob } from './result-line';
import type { ResultSink } from './result-sink';

/** Fields of the index: all but the page, which has a file of its own. */
const INDEX_FIELDS =
  'id,clientId,url,status,statusCode,failReason,lastFailure,attempts,credits,meta,ignoredParams,finishedAt,expiresAt';
const PAGES_AT_ONCE = 8;

/**
 * Writes a file per page, as the target sent it, one per screenshot, and `index.ndjson` with a line per URL that names them. Names follow
 * from the input, so a page that is written again after a crash replaces its file.
 */
export async function openFolderSink(
  path: string,
  noted: number,
  { client, signal }: { readonly client: Everfetch; readonly signal: AbortSignal },
): Promise<ResultSink> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw fileError('the folder cannot be made:', path, error);
  }
  const index = await AppendedFile.open(join(path, 'index.ndjson'), noted);
  await index.syncName();

  const save = async (job: ResultJob, base: number): Promise<object> => {
    const { cursor: _place, ...entry } = job;
    if (job.status !== 'finished') return entry;
    const page = await patiently(() => readPage(client, job.id, signal), signal);
    if (page.error !== undefined) return { ...entry, error: page.error };
    const { bytes, contentType, hasScreenshot } = page;
    const name = pageName(base + placeInBatch(job.id), job.url);
    const file = `${name}.${extensionOf(contentType)}`;
    await saveFile(join(path, file), bytes);
    if (!hasScreenshot) return { ...entry, contentType, file };
    const image = await patiently(() => readImage(client, job.id, signal), signal);
    if (image.error !== undefined) return { ...entry, contentType, file };
    const screenshot = `${name}.screenshot.png`;
    await saveFile(join(path, screenshot), image.bytes);
    return { ...entry, contentType, file, screenshot };
  };

  return {
    fields: INDEX_FIELDS,
    isAnew: index.isAnew,
    async write(lines, base) {
      for (let from = 0; from < lines.length; from += PAGES_AT_ONCE) {
        const group = lines.slice(from, from + PAGES_AT_ONCE);
        const entries = await Promise.all(group.map(({ job }) => save(job, base)));
        await index.append(entries.map((entry) => Buffer.from(`${JSON.stringify(entry)}\n`)));
      }
    },
    sync: () => index.sync(),
    close: () => index.close(),
  };
}

interface Missing {
  /** The code of the problem that says why there is none. */
  readonly error: string;
}
interface Image {
  readonly bytes: Uint8Array;
  readonly error?: undefined;
}
interface Page extends Image {
  readonly contentType: string;
  readonly hasScreenshot: boolean;
}

/** Asks again while the service is away. */
async function patiently<T>(read: () => Promise<T>, signal: AbortSignal): Promise<T | Missing> {
  const patience = new Patience({ signal });
  for (;;) {
    try {
      return await read();
    } catch (error) {
      const { code } = error as { readonly code?: string };
      if (code === 'page_damaged' || code === 'expired' || code === 'not_found') return { error: code };
      await patience.afterError(error);
    }
  }
}

async function readPage(client: Everfetch, id: string, signal: AbortSignal): Promise<Page> {
  const response = await client.body(id, { signal });
  const { headers } = response;
  return {
    bytes: new Uint8Array(await response.arrayBuffer()),
    contentType: headers.get('content-type') ?? '',
    hasScreenshot: headers.has('sa-screenshot'),
  };
}

async function readImage(client: Everfetch, id: string, signal: AbortSignal): Promise<Image> {
  const response = await client.screenshot(id, { signal });
  return { bytes: new Uint8Array(await response.arrayBuffer()) };
}

async function saveFile(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await replaceFile(path, bytes);
  } catch (error) {
    throw fileError('the page cannot be written to', path, error);
  }
}
