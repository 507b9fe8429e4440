import type { TextOutput } from './text-output';

/** What keeps two blocks apart: a new line or an empty line. The stronger of all gaps between them counts. */
export type Gap = 'line' | 'paragraph';

interface Container {
  /** Beginning of its first line. */
  readonly first: string;
  /** Beginning of every further line, with those of all containers around it. */
  readonly prefix: string;
  readonly isItem: boolean;
}

export interface LineWriterOptions {
  /** Lines that a `line` gap takes between two blocks that begin no list items: in markdown only an empty line keeps them apart. */
  readonly lineGap: 1 | 2;
}

/** Lists and quotes that are deeper are not marked, because the beginnings of lines would become most of the output. */
const MAX_MARKED = 20;

/** Writes blocks of lines inside lists and quotes. The marks of a list item are written with its first line, if it has one. */
export class LineWriter {
  readonly #output: TextOutput;
  readonly #lineGap: 1 | 2;
  readonly #containers: Container[] = [];
  /** Number of containers whose first line is written. */
  #begun = 0;
  /** Number of containers around the last block that are still open. */
  #shared = 0;
  #gap: Gap | undefined;

  constructor(output: TextOutput, { lineGap }: LineWriterOptions) {
    this.#output = output;
    this.#lineGap = lineGap;
  }

  get isInContainer(): boolean {
    return this.#containers.length > 0;
  }

  gap(gap: Gap): void {
    if (this.#gap !== 'paragraph') this.#gap = gap;
  }

  enterItem(marker: string): void {
    this.#enter(marker, ' '.repeat(marker.length), true);
  }

  /**
   * Goes on in the previous item, which has been left: the next blocks are indented as its further lines are.
   * @param markWidth columns that the mark of that item takes; undefined: there is none, and an empty item is written
   */
  enterContinued(markWidth: number | undefined): void {
    if (markWidth === undefined) this.enterItem('- ');
    else this.#enter(' '.repeat(markWidth), ' '.repeat(markWidth), true);
  }

  enterQuote(mark: string): void {
    this.#enter(mark, mark, false);
  }

  leave(): void {
    this.#containers.pop();
    this.#begun = Math.min(this.#begun, this.#containers.length);
    this.#shared = Math.min(this.#shared, this.#containers.length);
  }

  block(text: string): void {
    if (!this.#output.isEmpty) this.#output.write(this.#gapText());
    this.#gap = undefined;
    const around = this.#prefixAt(this.#begun);
    const marks = this.#containers.slice(this.#begun).map(({ first }) => first);
    this.#begun = this.#containers.length;
    this.#shared = this.#containers.length;
    const prefix = this.#prefixAt(this.#containers.length);
    const bare = prefix.trimEnd();
    const [first = '', ...others] = text.split('\n');
    this.#output.write(around + marks.join('') + first);
    for (const line of others) this.#output.write(`\n${line === '' ? bare : prefix + line}`);
  }

  #enter(first: string, rest: string, isItem: boolean): void {
    const isMarked = this.#containers.length < MAX_MARKED;
    const around = this.#prefixAt(this.#containers.length);
    this.#containers.push(isMarked ? { first, prefix: around + rest, isItem } : { first: '', prefix: around, isItem });
  }

  #gapText(): string {
    const beginsItem = this.#containers[this.#begun]?.isItem === true;
    const lines = this.#gap === 'paragraph' ? 2 : beginsItem ? 1 : this.#lineGap;
    return lines === 1 ? '\n' : `\n${this.#prefixAt(this.#shared).trimEnd()}\n`;
  }

  #prefixAt(depth: number): string {
    return this.#containers[depth - 1]?.prefix ?? '';
  }
}
