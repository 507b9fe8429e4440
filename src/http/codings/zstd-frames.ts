const MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a5;
/** Encoders write one, or one for each half megabyte or so; a server that ends a frame with each flush writes some hundreds. */
const MAX_FRAMES = 10_000;
const CHECKSUM_BYTES = 4;
const BLOCK_HEAD_BYTES = 3;
const DICTIONARY_ID_BYTES = [0, 1, 2, 4];
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];

/** What is read next of a frame: its head, byte by byte, and then so much that need not be looked at. */
type Step = 'magic' | 'skippable' | 'descriptor' | 'block';

/**
 * Finds where the frames of a zstd body end (RFC 8878 §3), in whatever parts it comes, without unpacking it: Node's decoder stops
 * at the end of the first one and says nothing (22.23 and 24.21), and up to 22 it says nothing of a body that is cut off either.
 */
export class ZstdFrames {
  #step: Step = 'magic';
  #head: number[] = [];
  #headBytes = 4;
  #skipBytes = 0;
  #held: Buffer = Buffer.alloc(0);
  #hasChecksum = false;
  #hasFrame = false;
  #frames = 0;
  #isOver = false;

  /** Whether what has come so far ends with a whole frame, padding aside. */
  get isWhole(): boolean {
    return this.#isOver || (this.#isBetween && (this.#hasFrame || this.#head.length === 0));
  }

  /**
   * The same bytes, in pieces of which none goes beyond the end of a frame. What follows the last frame, such as padding, is left out; what
   * is no frame from the beginning is not, so that the decoder says so.
   * @throws with code ERR_TOO_MANY_FRAMES: each is a step of its own, and one that holds nothing has nine bytes
   */
  cut(next: Buffer): readonly Buffer[] {
    const part = this.#held.length === 0 ? next : Buffer.concat([this.#held, next]);
    this.#head.splice(0, this.#held.length);
    this.#held = Buffer.alloc(0);
    const pieces: Buffer[] = [];
    let start = 0;
    let at = 0;
    while (at < part.length && !this.#isOver) {
      if (this.#skipBytes > 0) {
        const skipped = Math.min(this.#skipBytes, part.length - at);
        this.#skipBytes -= skipped;
        at += skipped;
      } else {
        this.#head.push(part[at] ?? 0);
        at += 1;
        if (this.#head.length === this.#headBytes) this.#readHead();
      }
      if (this.#isBetween && this.#head.length === 0 && !this.#isOver) {
        this.#frames += 1;
        if (this.#frames > MAX_FRAMES)
          throw Object.assign(new Error(`more than ${MAX_FRAMES} frames`), { code: 'ERR_TOO_MANY_FRAMES' });
        pieces.push(part.subarray(start, at));
        start = at;
      }
    }
    const rest = part.subarray(start);
    // The beginning of another frame, or of padding: the next part tells.
    if (this.#hasFrame && this.#isBetween && !this.#isOver) this.#held = rest;
    else if (rest.length > 0 && !(this.#hasFrame && this.#isOver)) pieces.push(rest);
    return pieces;
  }

  get #isBetween(): boolean {
    return this.#step === 'magic' && this.#skipBytes === 0;
  }

  #readHead(): void {
    const head = Buffer.from(this.#head);
    this.#head = [];
    if (this.#step === 'magic') {
      const magic = head.readUInt32LE();
      if (magic === MAGIC) this.#expect('descriptor', 1);
      else if (magic >>> 4 === SKIPPABLE_MAGIC) this.#expect('skippable', 4);
      else this.#isOver = true;
      this.#hasFrame ||= !this.#isOver;
    } else if (this.#step === 'skippable') {
      this.#expect('magic', 4, head.readUInt32LE());
    } else if (this.#step === 'descriptor') {
      const descriptor = head.readUInt8();
      const isSingleSegment = (descriptor & 0x20) !== 0;
      const contentSizeBytes = CONTENT_SIZE_BYTES[descriptor >> 6] ?? 0;
      const windowBytes = isSingleSegment ? 0 : 1;
      this.#hasChecksum = (descriptor & 0x04) !== 0;
      this.#expect(
        'block',
        BLOCK_HEAD_BYTES,
        windowBytes +
          (DICTIONARY_ID_BYTES[descriptor & 0x03] ?? 0) +
          (isSingleSegment && contentSizeBytes === 0 ? 1 : contentSizeBytes),
      );
    } else {
      const block = head.readUIntLE(0, BLOCK_HEAD_BYTES);
      const isRepeatedByte = ((block >> 1) & 0x03) === 1;
      const blockBytes = isRepeatedByte ? 1 : block >> 3;
      const isLast = (block & 0x01) === 1;
      if (isLast) this.#expect('magic', 4, blockBytes + (this.#hasChecksum ? CHECKSUM_BYTES : 0));
      else this.#expect('block', BLOCK_HEAD_BYTES, blockBytes);
    }
  }

  #expect(step: Step, headBytes: number, skipBytes = 0): void {
    this.#step = step;
    this.#headBytes = headBytes;
    this.#skipBytes = skipBytes;
  }
}
