import { BodyTooLargeError } from '../http/body-errors';

const PART_CHARACTERS = 64 * 1024;

/**
 * Collects text as bytes. It leaves the heap in parts, because one string of all of it could be more than a thread's heap has left at
 * once, which ends the process and not just the thread.
 */
export class TextOutput {
  readonly #maxBytes: number;
  readonly #parts: Buffer[] = [];
  #bytes = 0;
  #text = '';

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isEmpty(): boolean {
    return this.#bytes === 0 && this.#text === '';
  }

  /** @throws BodyTooLargeError */
  write(text: string): void {
    this.#text += text;
    if (this.#text.length >= PART_CHARACTERS) this.#flush();
  }

  /** @throws BodyTooLargeError */
  end(): Buffer {
    this.#flush();
    return Buffer.concat(this.#parts, this.#bytes);
  }

  #flush(): void {
    const part = Buffer.from(this.#text, 'utf8');
    this.#text = '';
    this.#bytes += part.length;
    if (this.#bytes > this.#maxBytes) throw new BodyTooLargeError(this.#maxBytes);
    this.#parts.push(part);
  }
}
