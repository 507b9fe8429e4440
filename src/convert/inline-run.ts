/** Style of a part of a line. */
export type Style = 'strong' | 'emphasis' | 'deleted' | 'link';

/** A part of a paragraph. Each `open` has its `close`, and they are nested; none is empty. */
export type Piece =
  | { readonly kind: 'text'; text: string; readonly isCode: boolean }
  | { readonly kind: 'open' | 'close'; readonly style: Style; readonly url: string }
  | { readonly kind: 'image'; readonly alt: string; readonly url: string }
  | { readonly kind: 'break' };

interface OpenStyle {
  readonly style: Style;
  readonly url: string;
  /** Whether its `open` is in this paragraph yet: it waits for content that shows the style. */
  isWritten: boolean;
}

/**
 * Collects the text of one paragraph after the other. White space becomes one space, outside of what is set in a style (`<b>a </b>b` is
 * `<b>a</b> b`); a style that spans several paragraphs ends and begins with each of them.
 */
export class InlineRun {
  #pieces: Piece[] = [];
  readonly #open: OpenStyle[] = [];
  #codeDepth = 0;
  #space: 'none' | 'plain' | 'code' = 'none';

  get isEmpty(): boolean {
    return this.#pieces.length === 0;
  }

  text(source: string): void {
    let text = source.replace(/[\t\n\f\r ]+/g, ' ');
    if (text.includes('\0')) text = text.replaceAll('\0', ''); // Browsers drop it as well.
    if (text.startsWith(' ')) this.space();
    const begin = text.startsWith(' ') ? 1 : 0;
    const end = text.endsWith(' ') ? text.length - 1 : text.length;
    if (begin >= end) return;
    this.#beginContent();
    this.#append(text.slice(begin, end), this.#codeDepth > 0);
    if (end < text.length) this.space();
  }

  /** Sets white space before what comes next. */
  space(): void {
    this.#space = this.#codeDepth > 0 && this.#space !== 'plain' ? 'code' : 'plain';
  }

  image(alt: string, url: string): void {
    this.#beginContent();
    this.#pieces.push({ kind: 'image', alt: alt.replace(/\s+/g, ' ').trim(), url });
  }

  /** @returns whether it was the second break in a row */
  break(): boolean {
    const isRepeated = this.#pieces.at(-1)?.kind === 'break';
    if (!this.isEmpty && !isRepeated) this.#pieces.push({ kind: 'break' });
    this.#space = 'none';
    return isRepeated;
  }

  /** @returns what ends it */
  open(style: Style, url = ''): () => void {
    if (this.#open.some((other) => other.style === style)) return () => undefined;
    const opened: OpenStyle = { style, url, isWritten: false };
    this.#open.push(opened);
    return () => {
      this.#open.pop();
      if (opened.isWritten) this.#close(opened);
    };
  }

  /** @returns what ends it */
  openCode(): () => void {
    this.#codeDepth += 1;
    return () => {
      this.#codeDepth -= 1;
    };
  }

  /** Ends the paragraph and begins the next one. */
  take(): Piece[] {
    this.#space = 'none';
    for (const opened of this.#open.toReversed()) {
      if (opened.isWritten) this.#close(opened);
      opened.isWritten = false;
    }
    const pieces = this.#pieces;
    this.#pieces = [];
    if (pieces.at(-1)?.kind === 'break') pieces.pop();
    return pieces;
  }

  #beginContent(): void {
    const last = this.#pieces.at(-1);
    if (this.#space !== 'none' && last !== undefined && last.kind !== 'break')
      this.#append(' ', this.#space === 'code' && this.#codeDepth > 0 && last.kind === 'text' && last.isCode);
    this.#space = 'none';
    for (const opened of this.#open) {
      if (opened.isWritten) continue;
      opened.isWritten = true;
      const { style, url } = opened;
      const previous = this.#pieces.at(-1);
      if (previous?.kind === 'close' && previous.style === style && style !== 'link') this.#pieces.pop();
      else this.#pieces.push({ kind: 'open', style, url });
    }
  }

  #append(text: string, isCode: boolean): void {
    const last = this.#pieces.at(-1);
    if (last?.kind === 'text' && last.isCode === isCode) last.text += text;
    else this.#pieces.push({ kind: 'text', text, isCode });
  }

  /** Closes a style; a line break at its end moves behind it. */
  #close({ style, url }: OpenStyle): void {
    const isAfterBreak = this.#pieces.at(-1)?.kind === 'break';
    if (isAfterBreak) this.#pieces.pop();
    this.#pieces.push({ kind: 'close', style, url });
    if (isAfterBreak) this.#pieces.push({ kind: 'break' });
  }
}
