import { errors } from 'undici';
import { InvalidResponseError } from './response-head';

/** Chromium's limit (kMaxHeaderBufSize), for all heads of one response together. */
export const MAX_HEAD_BYTES = 256 * 1024;
/** Maximum of stray bytes before the status line, such as line ends of an earlier body (HttpUtil::LocateStartOfStatusLine). */
const MAX_SLOP_BYTES = 4;
const WORD = 'http';
const LF = 0x0a;
const CR = 0x0d;

/** Finds the begin and end of a response's head, however small the parts are in which it arrives. */
export class HeadCollector {
  #parts: Buffer[] = [];
  #bytes = 0;
  #hasStart = false;
  #hasLineEnd = false;
  #last = 0;
  #allBytes = 0;

  /** True when a byte of a head has come. */
  get hasBegun(): boolean {
    return this.#bytes > 0;
  }

  /**
   * @returns how many bytes of `input` belong to the head, and the head where it is complete
   * Throws an {@link InvalidResponseError} for what is not HTTP, and undici's HeadersOverflowError for more than {@link MAX_HEAD_BYTES}.
   */
  add(input: Buffer): { readonly used: number; readonly head: Buffer | undefined } {
    let used = this.#hasStart ? this.#endIn(input) : undefined;
    this.#keep(used === undefined ? input : input.subarray(0, used));
    if (!this.#hasStart) {
      const whole = Buffer.concat(this.#parts);
      const start = startOfStatusLine(whole);
      if (start === undefined) {
        if (whole.length >= MAX_SLOP_BYTES + WORD.length) throw new InvalidResponseError('it has no status line');
        return { used: input.length, head: undefined };
      }
      this.#hasStart = true;
      const begun = whole.subarray(start);
      const end = this.#endIn(begun);
      this.#parts = [end === undefined ? begun : begun.subarray(0, end)];
      used = end === undefined ? undefined : input.length - (begun.length - end);
    }
    if (used === undefined) return { used: input.length, head: undefined };
    return { used, head: this.#take() };
  }

  /** Returns a head whose end never came, if its last line is complete. */
  takeUnended(): Buffer | undefined {
    return this.#hasStart && this.#hasLineEnd ? this.#take() : undefined;
  }

  #keep(bytes: Buffer): void {
    this.#parts.push(bytes);
    this.#bytes += bytes.length;
    this.#allBytes += bytes.length;
    if (this.#allBytes > MAX_HEAD_BYTES) throw new errors.HeadersOverflowError();
    // Parts are joined now and then, because each is an object of a hundred bytes, and a head may come byte by byte.
    if (this.#parts.length > 1_000) this.#parts = [Buffer.concat(this.#parts)];
  }

  #take(): Buffer {
    const head = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#bytes = 0;
    this.#hasStart = false;
    this.#hasLineEnd = false;
    this.#last = 0;
    return head;
  }

  /** Offset behind the empty line, as in HttpUtil::LocateEndOfHeaders. */
  #endIn(bytes: Buffer): number | undefined {
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === LF) {
        if (this.#hasLineEnd) return at + 1;
        this.#hasLineEnd = true;
      } else if (byte !== CR || this.#last !== LF) {
        this.#hasLineEnd = false;
      }
      this.#last = byte;
    }
    return undefined;
  }
}

function startOfStatusLine(bytes: Buffer): number | undefined {
  for (let at = 0; at <= MAX_SLOP_BYTES && at + WORD.length <= bytes.length; at += 1)
    if (bytes.toString('latin1', at, at + WORD.length).toLowerCase() === WORD) return at;
  return undefined;
}
