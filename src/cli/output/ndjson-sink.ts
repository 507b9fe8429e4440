import { AppendedFile } from './appended-file';
import type { ResultSink } from './result-sink';

/** Writes the lines of the results as they come, byte for byte. */
export async function openNdjsonSink(path: string, noted: number): Promise<ResultSink> {
  const file = await AppendedFile.open(path, noted);
  await file.syncName();
  return {
    fields: undefined,
    isAnew: file.isAnew,
    write: (lines) => file.append(lines.map(({ bytes }) => bytes)),
    sync: () => file.sync(),
    close: () => file.close(),
  };
}
