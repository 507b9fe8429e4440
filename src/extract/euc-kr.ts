/**
 * The web's euc-kr is windows-949 (WHATWG Encoding Standard, index-euc-kr): KS X 1001 and 8,822 more Hangul syllables.
 * Node's decoder knows KS X 1001 only and makes garbage of the rest (measured on 20.20). What it lacks needs no table of data:
 * it is the syllables that KS X 1001 does not have, in Unicode order, through the pairs of bytes that it leaves free.
 */
const FIRST_SYLLABLE = 0xac00;
const LAST_SYLLABLE = 0xd7a3;
const REPLACEMENT = 0xfffd;

/** UTF-16 code unit of each pair of bytes, 0 where there is none. */
let unitOfPair: Uint16Array | undefined;

/** The euc-kr decoder of the Encoding Standard (§13.1.1). */
export const decodeEucKr = (bytes: Buffer): string => new EucKrDecoder().decode(bytes);

/** The same for text that comes in parts. */
export class EucKrDecoder {
  #lead: Buffer = Buffer.alloc(0);

  /** With `stream`, the first byte of a pair at the end waits for the next part. */
  decode(part: Buffer, { stream = false }: { readonly stream?: boolean } = {}): string {
    unitOfPair ??= buildTable();
    const bytes = this.#lead.length === 0 ? part : Buffer.concat([this.#lead, part]);
    this.#lead = bytes.subarray(0, 0);
    const units = Buffer.allocUnsafe(bytes.length * 2);
    let usedBytes = 0;
    for (let i = 0; i < bytes.length; i += 1) {
      const lead = bytes[i] ?? 0;
      const mayLead = lead > 0x80 && lead < 0xff;
      if (stream && mayLead && i + 1 === bytes.length) {
        this.#lead = Buffer.from([lead]);
        break;
      }
      const trail = bytes[i + 1] ?? 0;
      const unit = lead < 0x80 ? lead : unitOfPair[lead * 256 + trail] || REPLACEMENT;
      usedBytes = units.writeUInt16LE(unit, usedBytes);
      // An ASCII byte is not swallowed by a broken pair: it may be the `<` of a tag.
      if (mayLead && (unit !== REPLACEMENT || trail >= 0x80)) i += 1;
    }
    return units.toString('utf16le', 0, usedBytes);
  }
}

function buildTable(): Uint16Array {
  const table = new Uint16Array(65_536);
  const missing = new Set(Array.from({ length: LAST_SYLLABLE - FIRST_SYLLABLE + 1 }, (_, i) => FIRST_SYLLABLE + i));
  const decoder = new TextDecoder('euc-kr');
  for (const pair of pairs(0xa1, 0xfe, [[0xa1, 0xfe]])) {
    const [unit = REPLACEMENT] = [...decoder.decode(Uint8Array.of(pair >> 8, pair & 0xff))].map((char) =>
      char.charCodeAt(0),
    );
    // ICU gives private-use characters to the rows for users; the standard gives none.
    if (unit !== REPLACEMENT && (unit < 0xe000 || unit > 0xf8ff)) table[pair] = unit;
    missing.delete(unit);
  }
  table[0xa2e6] = 0x20ac; // € and ® came to KS X 1001 in 1998, after Node's table
  table[0xa2e7] = 0xae;
  const free = [
    ...pairs(0x81, 0xa0, [[0x41, 0x5a], [0x61, 0x7a], [0x81, 0xfe]]), // prettier-ignore
    ...pairs(0xa1, 0xc6, [[0x41, 0x5a], [0x61, 0x7a], [0x81, 0xa0]]), // prettier-ignore
  ];
  [...missing].forEach((unit, i) => (table[free[i] ?? 0] = unit));
  return table;
}

/** Pairs of a lead byte and a trail byte in one of `trails`, all bounds included. */
function pairs(firstLead: number, lastLead: number, trails: readonly (readonly [number, number])[]): number[] {
  const found: number[] = [];
  for (let lead = firstLead; lead <= lastLead; lead += 1) {
    for (const [first, last] of trails) {
      for (let trail = first; trail <= last; trail += 1) found.push(lead * 256 + trail);
    }
  }
  return found;
}
