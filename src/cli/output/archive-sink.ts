import { rename, stat } from 'node:fs/promises';
import type { Everfetch } from '../../client/index';
import { fileError } from '../cli-error';
import { BrokenAnswerError } from '../follow/patience';
import type { Patience } from '../follow/patience';
import { AppendedFile } from './appended-file';
import { syncFolderOf } from './durable-file';
import type { ResultSink } from './result-sink';
import type { RunState } from './run-state';

/** WARC files can be joined end to end, so the archives of several batches make one. */
export interface ArchiveSink extends ResultSink {
  /** Appends the archive of a batch that has ended, whole or not at all. */
  append(batchId: string, patience: Patience): Promise<void>;
  /** Gives the file its name, once it is whole. */
  publish(): Promise<void>;
}

export async function openArchiveSink(
  path: string,
  { length, isDone }: Pick<RunState, 'length' | 'isDone'>,
  { client, signal }: { readonly client: Everfetch; readonly signal: AbortSignal },
): Promise<ArchiveSink> {
  const part = `${path}.part`;
  const isPublished = isDone === true && (await sizeOf(path)) === length;
  const file = await AppendedFile.open(isPublished ? path : part, length);
  await file.syncName();

  return {
    fields: undefined,
    isAnew: file.isAnew,
    write: async () => undefined, // the lines of the results are not part of an archive
    sync: () => file.sync(),
    close: () => file.close(),
    async append(batchId, patience) {
      for (const before = file.length; ;) {
        try {
          const response = await client.archive(batchId, { signal });
          patience.succeeded();
          await copy(response, file);
          return;
        } catch (error) {
          await file.cutTo(before);
          await patience.afterError(error);
        }
      }
    },
    async publish() {
      if (isPublished) return;
      try {
        await rename(part, path);
        await syncFolderOf(path);
      } catch (error) {
        throw fileError('the archive cannot be given its name', path, error);
      }
    },
  };
}

async function copy(response: Response, file: AppendedFile): Promise<void> {
  if (response.body === null) throw new BrokenAnswerError('the answer has no body');
  // as: the stream of an answer can be iterated in Node.js, which the types of browsers do not know
  for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) await file.append([bytes]);
}

const sizeOf = async (path: string): Promise<number | undefined> => (await stat(path).catch(() => undefined))?.size;
