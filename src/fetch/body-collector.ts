import type { Claim } from './byte-budget';
import { BodyTooLargeError } from '../http/body-errors';
import type { AnswerBody } from './engines/engine';

const FIRST_STEP_BYTES = 16 * 1024;
const MAX_STEP_BYTES = 1024 * 1024;
/** A target that announces more is not believed before this much has come. */
const BELIEVED_BYTES = 1024 * 1024;

export interface BodyCollectorOptions {
  readonly limitBytes: number;
  /** The length that the target announces, which may be wrong. */
  readonly expectedBytes: number | undefined;
  /** Resolves when this many bytes may be taken. */
  readonly reserve: (claim: Claim, bytes: number) => Promise<void>;
}

/**
 * Collects a body as it arrives. Bytes are reserved before they are kept; while it waits for them, the target is not read from.
 * They are copied, because a body in chunks of one byte would otherwise cost a hundred times its size in objects; only a body that came in
 * one piece stays where it is. One of known length gets a single buffer of that size, so that it is never there twice: what has not been
 * written to yet is address space and not memory.
 */
export class BodyCollector {
  readonly #claim: Claim;
  readonly #options: BodyCollectorOptions;
  readonly #mostBytes: number;
  #blocks: Buffer[] = [];
  /** Free bytes at the end of the last block. */
  #room = 0;
  #total = 0;
  #reserved = 0;

  constructor(claim: Claim, options: BodyCollectorOptions) {
    this.#claim = claim;
    this.#options = options;
    this.#mostBytes = Math.min(options.limitBytes, options.expectedBytes ?? Infinity);
  }

  /** Throws a {@link BodyTooLargeError} at the first byte over the limit; what came before it can still be taken. */
  readFrom(body: AnswerBody): Promise<void> {
    return body.readInto((chunk) => (this.#keep(chunk) ? undefined : this.#add(chunk)));
  }

  /** Puts what came into one buffer. The blocks are dropped, and what was reserved beyond its size is given back. */
  take(): Buffer {
    const bytes = this.#merged();
    this.#blocks = [];
    this.#claim.shrinkTo(this.#total);
    return bytes;
  }

  #merged(): Buffer {
    const [first, ...others] = this.#blocks;
    const filled = first?.subarray(0, this.#total);
    if (filled !== undefined && others.length === 0 && isDense(filled)) return filled;
    return copyOf(this.#blocks, this.#total, this.#total);
  }

  #keep(chunk: Buffer): boolean {
    const { expectedBytes = chunk.length, limitBytes } = this.#options;
    const isPossible = this.#total === 0 && chunk.length === expectedBytes && chunk.length <= limitBytes;
    if (!isPossible || !isDense(chunk) || !this.#claim.tryReserve(chunk.length)) return false;
    this.#blocks.push(chunk);
    this.#reserved = this.#total = chunk.length;
    return true;
  }

  #add(chunk: Buffer): Promise<void> | undefined {
    let rest = chunk;
    for (;;) {
      const bytes = Math.min(rest.length, this.#reserved - this.#total);
      if (bytes > 0) {
        const block = this.#blockWithRoom();
        const copied = rest.copy(block, block.length - this.#room, 0, bytes);
        this.#room -= copied;
        this.#total += copied;
        rest = rest.subarray(copied);
        continue;
      }
      if (rest.length === 0) return undefined;
      const step = this.#nextStep();
      if (!this.#claim.tryReserve(step)) return this.#addLater(rest, step);
      this.#reserved += step;
    }
  }

  async #addLater(rest: Buffer, step: number): Promise<void> {
    await this.#options.reserve(this.#claim, step);
    this.#reserved += step;
    await this.#add(rest);
  }

  #nextStep(): number {
    if (this.#total >= this.#mostBytes) throw new BodyTooLargeError(this.#options.limitBytes);
    const wanted = Math.max(FIRST_STEP_BYTES, Math.min(this.#total, MAX_STEP_BYTES));
    return Math.min(wanted, this.#mostBytes - this.#total);
  }

  #blockWithRoom(): Buffer {
    const last = this.#blocks.at(-1);
    if (last !== undefined && this.#room > 0) return last;
    if (this.#options.expectedBytes !== undefined && this.#reserved > BELIEVED_BYTES) {
      const whole = copyOf(this.#blocks, this.#total, this.#mostBytes);
      this.#blocks = [whole];
      this.#room = whole.length - this.#total;
      return whole;
    }
    const announced = this.#options.expectedBytes === undefined ? 0 : Math.min(BELIEVED_BYTES, this.#mostBytes);
    const block = Buffer.allocUnsafeSlow(Math.max(this.#reserved, announced) - this.#total);
    this.#blocks.push(block);
    this.#room = block.length;
    return block;
  }
}

/** Whether keeping these bytes keeps little else alive. */
function isDense(bytes: Buffer): boolean {
  return bytes.length * 4 >= bytes.buffer.byteLength * 3;
}

/** The copy is not made in Node's shared pool, of which a small buffer would keep 8 kB alive. */
function copyOf(blocks: readonly Buffer[], total: number, size: number): Buffer {
  const copy = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for (const block of blocks) at += block.copy(copy, at, 0, total - at);
  return copy;
}
