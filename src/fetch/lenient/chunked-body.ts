import { InvalidResponseError } from './response-head';

const LF = 0x0a;
/** Chromium's limit for a chunk size with its extensions, and for one trailer. */
const MAX_LINE_BYTES = 16 * 1024;
const MAX_TRAILER_BYTES = 64 * 1024;
/** A size may have blanks around it, as some servers pad it and browsers accept; extensions are ignored. */
const SIZE = /^[ \t]*([0-9a-f]+)[ \t]*(?:;.*)?$/i;
const NORMAL_SIZE = /^[0-9a-f]+(?:;[\t\x20-\x7e\x80-\xff]*)?\r$/i;

type State = 'size' | 'data' | 'end-of-data' | 'trailer' | 'done';

/** Decodes `chunked` (RFC 9112 §7.1) as browsers do: a line may end with LF alone, and a size may be padded. */
export class ChunkedBody {
  #state: State = 'size';
  #left = 0;
  #line: Buffer[] = [];
  #lineBytes = 0;
  #trailerBytes = 0;
  #isStandard = true;

  get isDone(): boolean {
    return this.#state === 'done';
  }

  /** True when the whole body has come, though perhaps not the empty line behind it. */
  get hasAllData(): boolean {
    return this.#state === 'done' || this.#state === 'trailer';
  }

  get isStandard(): boolean {
    return this.#isStandard;
  }

  /** Takes one step; call it again with the rest. @returns how many bytes of `input` were used, and the data in them. Throws an {@link InvalidResponseError}. */
  step(input: Buffer): { readonly used: number; readonly data: Buffer | undefined } {
    if (this.#state === 'data') {
      const data = input.subarray(0, this.#left);
      this.#left -= data.length;
      if (this.#left === 0) this.#state = 'end-of-data';
      return { used: data.length, data };
    }
    const end = input.indexOf(LF);
    const part = end === -1 ? input : input.subarray(0, end);
    this.#line.push(part);
    this.#lineBytes += part.length;
    if (this.#lineBytes > MAX_LINE_BYTES) throw new InvalidResponseError('a line between its chunks is too long');
    if (end === -1) {
      if (this.#line.length > 100) this.#line = [Buffer.concat(this.#line)];
      return { used: input.length, data: undefined };
    }
    const line = Buffer.concat(this.#line).toString('latin1');
    this.#line = [];
    this.#lineBytes = 0;
    this.#take(line);
    return { used: end + 1, data: undefined };
  }

  #take(line: string): void {
    const text = line.replace(/\r$/, '');
    if (this.#state === 'size') return this.#takeSize(line, text);
    if (text.length === line.length) this.#isStandard = false;
    if (this.#state === 'end-of-data') {
      if (text !== '') throw new InvalidResponseError('a chunk is longer than its size');
      this.#state = 'size';
      return;
    }
    this.#trailerBytes += text.length;
    if (this.#trailerBytes > MAX_TRAILER_BYTES) throw new InvalidResponseError('its trailer is too long');
    if (text === '') this.#state = 'done';
  }

  #takeSize(line: string, text: string): void {
    const digits = SIZE.exec(text)?.[1]?.replace(/^0+(?=.)/, '') ?? '';
    // Twelve digits are more than any page needs, and exact as a number.
    if (digits === '' || digits.length > 12) throw new InvalidResponseError('a size of a chunk is no number');
    if (!NORMAL_SIZE.test(line)) this.#isStandard = false;
    this.#left = Number.parseInt(digits, 16);
    this.#state = this.#left === 0 ? 'trailer' : 'data';
  }
}
