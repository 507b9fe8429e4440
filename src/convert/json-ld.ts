const MAX_BLOCK_LENGTH = 1_000_000;
/** Limit for all blocks of a page together. */
const MAX_TOTAL_LENGTH = 4_000_000;
const MAX_BLOCKS = 200;
/** Schemas nest a dozen levels; much deeper JSON breaks the programs that read it. */
const MAX_DEPTH = 64;

/** The JSON-LD of a page, block by block: one that is broken costs nothing but itself. */
export class JsonLd {
  readonly #blocks: unknown[] = [];
  #errors = 0;
  #length = 0;

  get blocks(): readonly unknown[] {
    return this.#blocks;
  }

  /** Number of blocks that are not in `blocks`, because they are broken, too large or too deep. */
  get errors(): number {
    return this.#errors;
  }

  add(source: string): void {
    // Some templates wrap scripts into comments or CDATA, as was done for browsers without scripts.
    const text = source
      .replace(/^\s*(?:<!--|(?:\/\/)?\s*<!\[CDATA\[)/, '')
      .replace(/(?:-->|(?:\/\/)?\s*\]\]>)\s*$/, '');
    if (text.trim() === '') return;
    this.#length += text.length;
    const isTooMuch =
      text.length > MAX_BLOCK_LENGTH || this.#length > MAX_TOTAL_LENGTH || this.#blocks.length >= MAX_BLOCKS;
    const value = isTooMuch || jsonDepth(text) > MAX_DEPTH ? undefined : parseTolerantly(text);
    if (value === undefined) this.#errors += 1;
    else
      this.#blocks.push(
        ...(Array.isArray(value) ? (value as unknown[]) : [value]).slice(0, MAX_BLOCKS - this.#blocks.length),
      );
  }
}

/** Tries again with spaces for line breaks and tabs, which are the most frequent mistake within strings and white space elsewhere. */
function parseTolerantly(text: string): unknown {
  for (const candidate of [text, text.replace(/[\t\n\r]/g, ' ')]) {
    try {
      return JSON.parse(candidate, withoutProto);
    } catch {
      continue;
    }
  }
  return undefined;
}

/** Drops `__proto__`: no page needs it, and programs that copy properties one by one trip over it. */
const withoutProto = (key: string, value: unknown): unknown => (key === '__proto__' ? undefined : value);

/** How deep the JSON in a text nests, found before it is parsed. The number means nothing where the text is no JSON. */
export function jsonDepth(text: string): number {
  let depth = 0;
  let max = 0;
  let isInString = false;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (isInString) {
      if (code === BACKSLASH) i += 1;
      else if (code === QUOTE) isInString = false;
    } else if (code === QUOTE) isInString = true;
    else if (code === BRACKET || code === BRACE) max = Math.max(max, (depth += 1));
    else if (code === CLOSING_BRACKET || code === CLOSING_BRACE) depth -= 1;
  }
  return max;
}

const [BACKSLASH, QUOTE, BRACKET, BRACE, CLOSING_BRACKET, CLOSING_BRACE] = [0x5c, 0x22, 0x5b, 0x7b, 0x5d, 0x7d];
