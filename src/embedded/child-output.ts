import type { Readable } from 'node:stream';

const KEPT_LINES = 30;
const MAX_LINE_CHARS = 8_192;

/** Splits what a child writes into lines, hands them on, and keeps the last ones for error messages. */
export class ChildOutput {
  readonly #onLine: (line: string) => void;
  readonly #kept: string[] = [];

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** The last lines, oldest first. */
  get lastLines(): string {
    return this.#kept.join('\n');
  }

  read(stream: Readable): void {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = (lines.pop() ?? '').slice(-MAX_LINE_CHARS); // a line that never ends must not fill the memory
      for (const line of lines) this.#take(line);
    });
    stream.on('end', () => this.#take(rest));
    stream.on('error', () => undefined); // the child is gone, which its exit tells already
  }

  clear(): void {
    this.#kept.length = 0;
  }

  #take(line: string): void {
    const text = line.trimEnd();
    if (text === '') return;
    this.#kept.push(text.slice(0, 1_000));
    if (this.#kept.length > KEPT_LINES) this.#kept.shift();
    this.#onLine(text);
  }
}
