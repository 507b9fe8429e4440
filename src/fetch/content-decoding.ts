import { BadContentEncodingError, BodyTooLargeError } from './body-errors';
import { contentCodings } from './content-codings';
import { deflateDataOf } from './deflate-data';
import { hasCode, unpackSmall, unpackStream } from './unpack';
import type { UnpackOptions } from './unpack';

/** More in a row than any server needs; each one multiplies what a hostile one can make of a byte. */
const MAX_CODINGS = 5;

/** IANA HTTP Content Coding Registry, without those that we can undo. Words that name no coding, such as `none`, are passed over as in browsers. */
const UNSUPPORTED = new Set(
  ['aes128gcm', 'compress', 'dcb', 'dcz', 'exi', 'pack200-gzip', 'x-compress', 'zstd'].filter(
    (name) => !contentCodings.has(name),
  ),
);

/** Whether a body in this coding can be read; `identity` and `*` can. */
export function isDecodable(coding: string): boolean {
  const name = coding.trim().toLowerCase();
  return ['', '*', 'identity'].includes(name) || contentCodings.has(name);
}

/**
 * Undoes a Content-Encoding: proves that the whole of it can be undone, and its size, and keeps only the beginning. At once for most pages,
 * which are small and in one coding.
 */
export function unpackPrefix(body: Buffer, contentEncoding: string, options: UnpackOptions): Buffer | Promise<Buffer> {
  const coding = contentCodings.get(contentEncoding);
  if (coding !== undefined && body.length > 0) {
    try {
      const unpacked = unpackSmall(body, [coding], options);
      if (unpacked !== undefined) return unpacked;
    } catch {
      // The long way knows what it means.
    }
  }
  return unpackAnyPrefix(body, contentEncoding, options);
}

async function unpackAnyPrefix(body: Buffer, contentEncoding: string, options: UnpackOptions): Promise<Buffer> {
  const names = contentEncoding.split(',').map((word) => word.trim().toLowerCase());
  const codings = names.flatMap((name) => contentCodings.get(name) ?? []).reverse(); // the last one was applied last
  // A HEAD request or a 304 names the encoding of a body that is not there.
  if (body.length === 0) return body;
  if (names.some((name) => UNSUPPORTED.has(name)) || codings.length > MAX_CODINGS)
    throw new BadContentEncodingError(contentEncoding);
  try {
    return unpackSmall(body, codings, options) ?? (await unpackStream(body, codings, options));
  } catch (error) {
    options.throwIfOver();
    if (error instanceof BodyTooLargeError) throw error;
    const [name, ...others] = names.filter((each) => contentCodings.has(each));
    const data = others.length === 0 && hasCode(error, 'Z_BUF_ERROR') ? deflateDataOf(body, name) : undefined;
    // Complete but for its checksum, as some servers send it: every browser shows such a page.
    if (data) return unpackAnyPrefix(data, 'deflate', options);
    throw new BadContentEncodingError(contentEncoding, { cause: error });
  }
}
