import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Everfetch } from '../../client/index';
import { fileError } from '../cli-error';
import { Patience } from '../follow/patience';
import { AppendedFile } from './appended-file';
import { replaceFile } from './durable-file';
import { pageName, placeInBatch } from './page-name';
import type { ResultJob } from './result-line';
import type { ResultSink } from './result-sink';

/** Fields of the index: all but the page, which has a file of its own. */
const INDEX_FIELDS =
  'id,clientId,url,status,statusCode,failReason,lastFailure,attempts,credits,meta,ignoredParams,finishedAt,expiresAt';
const PAGES_AT_ONCE = 8;

/**
 * Writes a file per page, as the target sent it, and `index.ndjson` with a line per URL that names it. Names follow from the input, so a
 * page that is written again after a crash replaces its file.
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
    const page = await pageOf(client, job.id, signal);
    if (page.error !== undefined) return { ...entry, error: page.error };
    const file = pageName(base + placeInBatch(job.id), job.url, page.contentType);
    try {
      await replaceFile(join(path, file), page.bytes);
    } catch (error) {
      throw fileError('the page cannot be written to', join(path, file), error);
    }
    return { ...entry, contentType: page.contentType, file };
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

interface Page {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly error?: undefined;
}

/** The page of a job, or the code that says why there is none. It waits while the service is away. */
async function pageOf(client: Everfetch, id: string, signal: AbortSignal): Promise<Page | { readonly error: string }> {
  const patience = new Patience({ signal });
  for (;;) {
    try {
      return await readPage(client, id, signal);
    } catch (error) {
      await patience.afterError(error);
    }
  }
}

async function readPage(
  client: Everfetch,
  id: string,
  signal: AbortSignal,
): Promise<Page | { readonly error: string }> {
  try {
    const response = await client.body(id, { signal });
    return {
      bytes: new Uint8Array(await response.arrayBuffer()),
      contentType: response.headers.get('content-type') ?? '',
    };
  } catch (error) {
    const { code } = error as { readonly code?: string };
    if (code === 'page_damaged' || code === 'expired' || code === 'not_found') return { error: code };
    throw error;
  }
}
