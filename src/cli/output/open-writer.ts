import type { CliContext } from '../context';
import { openArchiveSink } from './archive-sink';
import type { ArchiveSink } from './archive-sink';
import { openFolderSink } from './folder-sink';
import { openNdjsonSink } from './ndjson-sink';
import type { OpenRun } from './open-run';
import { ResultWriter } from './result-writer';

/** What writes the results of a run. */
export interface RunWriter {
  readonly writer: ResultWriter;
  /** Set when the output is an archive, which is written after the end of its batches. */
  readonly archive: ArchiveSink | undefined;
}

export async function openWriter({ place, statePath, state }: OpenRun, context: CliContext): Promise<RunWriter> {
  const { kind, path } = place;
  if (kind === 'archive') {
    const archive = await openArchiveSink(path, state, context);
    return { writer: new ResultWriter(archive, statePath, state), archive };
  }
  const sink =
    kind === 'folder' ? await openFolderSink(path, state.length, context) : await openNdjsonSink(path, state.length);
  return { writer: new ResultWriter(sink, statePath, state), archive: undefined };
}
