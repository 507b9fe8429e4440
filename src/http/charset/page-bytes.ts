import { isAscii, isUtf8 } from 'node:buffer';
import { LATE_META_BYTES } from './late-meta';
import { Utf8Check } from './utf8-check';

/** What can be asked of a page to find out its encoding. */
export interface PageBytes {
  /** As much as the longest look takes. */
  readonly beginning: Buffer;
  isAscii(): boolean;
  isUtf8(): boolean;
  /** For the detector: from shortly before the first byte that is not ASCII. */
  sample(): Buffer;
}

const BEFORE_BYTES = 1_024;
const SAMPLE_BYTES = 64 * 1024;

/** The bytes of a page that is there as a whole. */
export const wholePage = (bytes: Buffer): PageBytes => ({
  beginning: bytes.subarray(0, LATE_META_BYTES),
  isAscii: () => isAscii(bytes),
  isUtf8: () => isUtf8(bytes),
  sample: () => {
    const start = Math.max(0, firstHigh(bytes) - BEFORE_BYTES);
    return bytes.subarray(start, start + SAMPLE_BYTES);
  },
});

/** The bytes of a page that comes in parts; the answers are those of {@link wholePage}, whatever the parts. */
export class PageInParts implements PageBytes {
  readonly #utf8 = new Utf8Check();
  readonly #beginning = new Prefix(LATE_META_BYTES);
  /** The end of the ASCII that the page begins with. */
  #before = Buffer.alloc(0);
  #sample: Prefix | undefined;

  add(part: Buffer): void {
    this.#beginning.add(part);
    this.#utf8.add(part);
    if (this.#sample !== undefined) {
      this.#sample.add(part);
      return;
    }
    const high = isAscii(part) ? part.length : firstHigh(part);
    const ascii = part.subarray(0, high);
    this.#before = Buffer.concat([this.#before, ascii.subarray(-BEFORE_BYTES)]).subarray(-BEFORE_BYTES);
    if (high === part.length) return;
    this.#sample = new Prefix(SAMPLE_BYTES);
    this.#sample.add(this.#before);
    this.#sample.add(part.subarray(high));
  }

  get beginning(): Buffer {
    return this.#beginning.take();
  }

  isAscii(): boolean {
    return this.#sample === undefined;
  }

  isUtf8(): boolean {
    return this.#utf8.isValid;
  }

  sample(): Buffer {
    return this.#sample?.take() ?? this.#before;
  }
}

/** The first bytes of what is added, copied. */
class Prefix {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(part: Buffer): void {
    const taken = part.subarray(0, this.#maxBytes - this.#bytes);
    if (taken.length === 0) return;
    this.#parts.push(Buffer.from(taken));
    this.#bytes += taken.length;
    if (this.#parts.length > 64) this.take();
  }

  take(): Buffer {
    const whole = Buffer.concat(this.#parts);
    this.#parts = [whole];
    return whole;
  }
}

function firstHigh(bytes: Buffer): number {
  // Blocks first, of which a native check is a hundred times faster than a look at each byte.
  let at = 0;
  while (at < bytes.length && isAscii(bytes.subarray(at, at + BEFORE_BYTES))) at += BEFORE_BYTES;
  while (at < bytes.length && (bytes[at] ?? 0) < 0x80) at += 1;
  return Math.min(at, bytes.length);
}
