import { BrokenAnswerError } from './patience';

/**
 * Splits an answer at its line feeds: for each part that arrives, the lines that are whole with it. What a broken connection leaves of a
 * line is dropped.
 * @throws BrokenAnswerError when the answer breaks off
 */
export async function* linesOf(response: Response): AsyncGenerator<Uint8Array[]> {
  if (response.body === null) return;
  let rest: Uint8Array[] = [];
  const reader = response.body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  try {
    for (;;) {
      const { done, value } = await read(reader);
      if (done) return;
      const lines: Uint8Array[] = [];
      let from = 0;
      for (let end = value.indexOf(10); end !== -1; end = value.indexOf(10, from)) {
        const part = value.subarray(from, end + 1);
        lines.push(rest.length === 0 ? part : Buffer.concat([...rest, part]));
        rest = [];
        from = end + 1;
      }
      if (from < value.length) rest.push(value.subarray(from));
      if (lines.length > 0) yield lines;
    }
  } finally {
    // The answer may be open still: a reader that has enough says so.
    await reader.cancel().catch(() => undefined);
  }
}

async function read(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<{ readonly done: true; readonly value?: undefined } | { readonly done: false; readonly value: Uint8Array }> {
  try {
    const part = await reader.read();
    return part.done ? { done: true } : { done: false, value: part.value };
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error;
    throw new BrokenAnswerError('the answer broke off', { cause: error });
  }
}
