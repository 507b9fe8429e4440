import { isAscii } from 'node:buffer';
import { LEAD, TWO_POINTS } from './pair-tables';
import type { PairTables } from './pair-tables';
import type { PartDecoder } from './part-decoder';

const REPLACEMENT = 0xfffd;
/** Byte that announces a pair of JIS X 0212 in euc-jp. */
const SINGLE_SHIFT_3 = 0x8f;

/**
 * Decodes big5, euc-jp, euc-kr and shift_jis as the Encoding Standard says. Node's own decoders (20.20) use other indexes, which lack
 * Hong Kong's characters in big5 and half of the Korean syllables.
 */
export class PairDecoder implements PartDecoder {
  readonly #tables: PairTables;
  #lead = 0;
  #isTriple = false;

  constructor(tables: PairTables) {
    this.#tables = tables;
  }

  decode(part: Buffer, { stream = false }: { readonly stream?: boolean } = {}): string {
    if (this.#lead === 0 && isAscii(part)) return part.toString('latin1');
    // A byte gives at most one unit and a pair two; the byte kept from the last part may add one.
    const units = new Uint16Array(part.length + 2);
    let used = 0;
    for (let at = 0; at < part.length; at += 1) {
      const byte = part[at] ?? 0;
      if (this.#lead === 0) {
        const point = this.#tables.single[byte] ?? 0;
        if (point === LEAD) this.#lead = byte;
        else units[used++] = point === 0 && byte !== 0 ? REPLACEMENT : point;
        continue;
      }
      if (this.#lead === SINGLE_SHIFT_3 && this.#beginsTriple(byte)) continue;
      const point = this.#takePair(byte);
      if (point === 0) {
        units[used++] = REPLACEMENT;
        // A broken pair must not swallow an ASCII byte, which may be the `<` of a tag.
        if (byte < 0x80) at -= 1;
      } else used = write(units, used, point);
    }
    if (!stream && this.#lead !== 0) {
      this.#lead = 0;
      this.#isTriple = false;
      units[used++] = REPLACEMENT;
    }
    return Buffer.from(units.buffer, 0, used * 2).toString('utf16le');
  }

  #beginsTriple(byte: number): boolean {
    if (this.#tables.triples === undefined || byte < 0xa1 || byte > 0xfe) return false;
    this.#lead = byte;
    this.#isTriple = true;
    return true;
  }

  #takePair(trail: number): number {
    const { pairs, triples = pairs } = this.#tables;
    const point = (this.#isTriple ? triples : pairs)[this.#lead * 256 + trail] ?? 0;
    this.#lead = 0;
    this.#isTriple = false;
    return point;
  }
}

/** Writes one or two code points as UTF-16. @returns index of the next unit */
function write(units: Uint16Array, used: number, point: number): number {
  if (point >= TWO_POINTS) {
    const both = point - TWO_POINTS;
    units[used] = both >>> 16;
    units[used + 1] = both & 0xffff;
    return used + 2;
  }
  if (point < 0x10000) {
    units[used] = point;
    return used + 1;
  }
  units[used] = 0xd800 + ((point - 0x10000) >> 10);
  units[used + 1] = 0xdc00 + ((point - 0x10000) & 0x3ff);
  return used + 2;
}
