import { MAX_JSON_DEPTH } from '../jobs/json-body';

/** Place in the grammar of RFC 8259 that the text has reached. */
type State =
  | 'value' // A value has to come.
  | 'first-item' // A value or `]` has to come.
  | 'first-name' // A name or `}` has to come.
  | 'name'
  | 'colon'
  | 'after-value'
  | 'string'
  | 'escape'
  | 'hex'
  | 'word'
  // Within a number, its last character names the state (§6).
  | 'minus'
  | 'zero'
  | 'integer'
  | 'point'
  | 'fraction'
  | 'exponent'
  | 'exponent-sign'
  | 'exponent-digits'
  | 'wrong';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const POINT = 0x2e;
const MINUS = 0x2d;
const PLUS = 0x2b;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const UPPER_E = 0x45;
const LOWER_E = 0x65;
const LOWER_U = 0x75;
const FIRST_PRINTABLE = 0x20;
const ESCAPES: ReadonlySet<number> = new Set(Array.from('"\\/bfnrt', (character) => character.charCodeAt(0)));
const WORDS: ReadonlyMap<number, string> = new Map(['true', 'false', 'null'].map((word) => [word.charCodeAt(0), word]));

const isBlank = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
const isDigit = (code: number): boolean => code >= ZERO && code <= NINE;
const isHex = (code: number): boolean =>
  isDigit(code) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66);

/**
 * Checks whether a text that comes in parts is one JSON value of at most `MAX_JSON_DEPTH` levels. It keeps nothing of the text:
 * `JSON.parse` would need the whole page in memory, and many times its size for the values. Names may be repeated, and numbers may be
 * of any size, as in the grammar.
 */
export class JsonCheck {
  #state: State = 'value';
  /** For each open level, whether it is an object. */
  readonly #isObject = new Uint8Array(MAX_JSON_DEPTH);
  #depth = 0;
  #isName = false;
  #hexLeft = 0;
  #word = '';
  #wordAt = 0;

  add(part: string): void {
    for (let at = 0; at < part.length && this.#state !== 'wrong'; at++) {
      if (this.#state === 'string') at = endOfPlain(part, at);
      else if (part.charCodeAt(at) <= 0x20) at = Math.max(endOfBlanks(part, at) - 1, at); // Most blanks are indentation.
      if (at < part.length) this.#state = this.#next(part.charCodeAt(at));
    }
  }

  /** False once no further part can make the text valid. */
  get canBeValid(): boolean {
    return this.#state !== 'wrong';
  }

  /** Whether all parts together are one whole value. */
  get isValid(): boolean {
    return this.#depth === 0 && (this.#state === 'after-value' || this.#isWholeNumber());
  }

  #isWholeNumber(): boolean {
    return ['zero', 'integer', 'fraction', 'exponent-digits'].includes(this.#state);
  }

  #next(code: number): State {
    switch (this.#state) {
      case 'value':
        return isBlank(code) ? 'value' : this.#begin(code);
      case 'first-item':
        if (isBlank(code)) return 'first-item';
        return code === CLOSE_ARRAY ? this.#close() : this.#begin(code);
      case 'first-name':
        if (isBlank(code)) return 'first-name';
        return code === CLOSE_OBJECT ? this.#close() : this.#beginName(code);
      case 'name':
        return isBlank(code) ? 'name' : this.#beginName(code);
      case 'colon':
        return isBlank(code) ? 'colon' : code === COLON ? 'value' : 'wrong';
      case 'after-value':
        return this.#afterValue(code);
      case 'string':
        if (code === QUOTE) return this.#isName ? 'colon' : 'after-value';
        return code === BACKSLASH ? 'escape' : 'wrong';
      case 'escape':
        this.#hexLeft = 4;
        return code === LOWER_U ? 'hex' : ESCAPES.has(code) ? 'string' : 'wrong';
      case 'hex':
        if (!isHex(code)) return 'wrong';
        return --this.#hexLeft === 0 ? 'string' : 'hex';
      case 'word':
        if (code !== this.#word.charCodeAt(this.#wordAt++)) return 'wrong';
        return this.#wordAt === this.#word.length ? 'after-value' : 'word';
      default:
        return this.#inNumber(code);
    }
  }

  #inNumber(code: number): State {
    const isE = code === UPPER_E || code === LOWER_E;
    switch (this.#state) {
      case 'minus':
        return code === ZERO ? 'zero' : isDigit(code) ? 'integer' : 'wrong';
      case 'zero':
      case 'integer':
        if (this.#state === 'integer' && isDigit(code)) return 'integer';
        return code === POINT ? 'point' : isE ? 'exponent' : this.#afterValue(code);
      case 'point':
        return isDigit(code) ? 'fraction' : 'wrong';
      case 'fraction':
        return isDigit(code) ? 'fraction' : isE ? 'exponent' : this.#afterValue(code);
      case 'exponent':
        return isDigit(code) ? 'exponent-digits' : code === PLUS || code === MINUS ? 'exponent-sign' : 'wrong';
      case 'exponent-sign':
        return isDigit(code) ? 'exponent-digits' : 'wrong';
      case 'exponent-digits':
        return isDigit(code) ? 'exponent-digits' : this.#afterValue(code);
      default:
        return 'wrong';
    }
  }

  #begin(code: number): State {
    if (code === QUOTE) {
      this.#isName = false;
      return 'string';
    }
    if (code === OPEN_ARRAY) return this.#open(false);
    if (code === OPEN_OBJECT) return this.#open(true);
    if (code === MINUS) return 'minus';
    if (isDigit(code)) return code === ZERO ? 'zero' : 'integer';
    const word = WORDS.get(code);
    if (word === undefined) return 'wrong';
    [this.#word, this.#wordAt] = [word, 1];
    return 'word';
  }

  #beginName(code: number): State {
    this.#isName = true;
    return code === QUOTE ? 'string' : 'wrong';
  }

  #open(isObject: boolean): State {
    if (this.#depth === MAX_JSON_DEPTH) return 'wrong';
    this.#isObject[this.#depth++] = isObject ? 1 : 0;
    return isObject ? 'first-name' : 'first-item';
  }

  #close(): State {
    this.#depth -= 1;
    return 'after-value';
  }

  #afterValue(code: number): State {
    if (isBlank(code)) return 'after-value';
    if (this.#depth === 0) return 'wrong';
    const isInObject = this.#isObject[this.#depth - 1] === 1;
    if (code === COMMA) return isInObject ? 'name' : 'value';
    return code === (isInObject ? CLOSE_OBJECT : CLOSE_ARRAY) ? this.#close() : 'wrong';
  }
}

/** @returns index of the first character from `at` on that is not simply part of a string */
function endOfPlain(text: string, at: number): number {
  let end = at;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === QUOTE || code === BACKSLASH || code < FIRST_PRINTABLE) break;
  }
  return end;
}

/** @returns index of the first character from `at` on that is no blank */
function endOfBlanks(text: string, at: number): number {
  let end = at;
  while (end < text.length && text.charCodeAt(end) === 0x20) end++;
  return end;
}

/** Checks a text that is there as a whole. */
export function isJson(text: string): boolean {
  const check = new JsonCheck();
  check.add(text);
  return check.isValid;
}
