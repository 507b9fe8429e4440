import { open, rename, rm } from 'node:fs/promises';
import { fileError } from '../cli-error';
import type { CliContext } from '../context';

/** Writes the page of a job, or its screenshot, to stdout, or to a file that is there only when it is whole. */
export async function savePage(
  { client, signal, print }: CliContext,
  id: string,
  path: string | undefined,
  what: 'body' | 'screenshot' = 'body',
): Promise<void> {
  const { body } = await client[what](id, { signal });
  // as: the stream of an answer can be iterated in Node.js, which the types of browsers do not know
  const parts = body as unknown as AsyncIterable<Uint8Array> | null;
  if (path === undefined) {
    for await (const part of parts ?? []) await print(part);
    return;
  }
  const draft = `${path}.${process.pid}.part`;
  try {
    const file = await open(draft, 'w');
    try {
      for await (const part of parts ?? []) await file.writeFile(part);
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw fileError('the page cannot be written to', path, error);
  }
}
