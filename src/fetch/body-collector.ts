import type { Claim } from './byte-budget';
import { BodyTooLargeError } from './content-decoding';

const FIRST_BLOCK_BYTES = 16 * 1024;
const LARGEST_BLOCK_BYTES = 1024 * 1024;

export interface BodyCollectorOptions {
  readonly limitBytes: number;
  /** Resolves when so many bytes may be taken. */
  readonly reserve: (claim: Claim, bytes: number) => Promise<void>;
}

/**
 * Collects a body as it arrives, in blocks that are reserved before they are filled; while it waits, the target is not read from.
 * Bytes are copied: a body in chunks of one byte would otherwise cost a hundred times its size in objects.
 */
export class BodyCollector {
  readonly #claim: Claim;
  readonly #options: BodyCollectorOptions;
  readonly #blocks: Buffer[] = [];
  #total = 0;
  #room = 0;

  constructor(claim: Claim, options: BodyCollectorOptions) {
    this.#claim = claim;
    this.#options = options;
  }

  /** Throws a {@link BodyTooLargeError} at the first byte over the limit; what came up to there can still be taken. */
  async readFrom(body: AsyncIterable<Buffer>): Promise<void> {
    for await (const chunk of body) {
      let rest = chunk;
      while (rest.length > 0) {
        if (this.#room === 0) await this.#addBlock();
        const block = this.#blocks.at(-1);
        if (block === undefined) break;
        const copied = rest.copy(block, block.length - this.#room);
        this.#room -= copied;
        this.#total += copied;
        rest = rest.subarray(copied);
      }
    }
  }

  /** One buffer of what came. The blocks go, and with them what was reserved beyond its size. */
  take(): Buffer {
    const bytes = Buffer.concat(this.#blocks, this.#total);
    this.#blocks.length = 0;
    this.#room = 0;
    this.#claim.shrinkTo(this.#total);
    return bytes;
  }

  async #addBlock(): Promise<void> {
    const { limitBytes, reserve } = this.#options;
    if (this.#total >= limitBytes) throw new BodyTooLargeError(limitBytes);
    const wanted = Math.max(FIRST_BLOCK_BYTES, Math.min(this.#total, LARGEST_BLOCK_BYTES));
    const size = Math.min(wanted, limitBytes - this.#total);
    await reserve(this.#claim, size);
    this.#blocks.push(Buffer.allocUnsafeSlow(size)); // not from the shared pool, of which a small block would keep 8 kB alive
    this.#room = size;
  }
}
