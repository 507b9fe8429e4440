import { BIG5, EUC_KR, JIS0208, JIS0212 } from './encoding-data';
import { unpackIndex } from './unpack-index';

/** Code points of the bytes of a multi-byte encoding. */
export interface PairTables {
  /** Code point of a single byte; {@link LEAD} when it begins a pair, 0 when it is not allowed. */
  readonly single: Uint32Array;
  /** Code point by lead × 256 + trail; 0 for none. A value over {@link TWO_POINTS} stands for two code points. */
  readonly pairs: Uint32Array;
  /** Code points of pairs behind 0x8F, which only euc-jp has. */
  readonly triples?: Uint32Array;
}

export const LEAD = 0xffffffff;
/** Added to first × 65,536 + second for two code points, of which the first is below 0x7FFF. */
export const TWO_POINTS = 0x80000000;

const KATAKANA = 0xff61;

/** Tables of an encoding from the Encoding Standard (§12 to §14), built at first use. */
export function pairTables(encoding: string): PairTables | undefined {
  const build = BUILDERS[encoding];
  if (build === undefined) return undefined;
  return (built[encoding] ??= build());
}

const built: Record<string, PairTables> = {};

const BUILDERS: Readonly<Record<string, () => PairTables>> = {
  /** §12.1.1 */
  big5: () => {
    const index = unpackIndex(BIG5);
    const pairs = pairsOf(0x81, 0xfe, (lead, trail) => {
      if (!isIn(trail, 0x40, 0x7e) && !isIn(trail, 0xa1, 0xfe)) return 0;
      const pointer = (lead - 0x81) * 157 + trail - (trail < 0x7f ? 0x40 : 0x62);
      return BIG5_DOUBLES[pointer] ?? index[pointer] ?? 0;
    });
    return { single: singleOf((byte) => (isIn(byte, 0x81, 0xfe) ? LEAD : 0)), pairs };
  },
  /** §14.1.1 */
  'euc-kr': () => {
    const index = unpackIndex(EUC_KR);
    const pairs = pairsOf(0x81, 0xfe, (lead, trail) =>
      isIn(trail, 0x41, 0xfe) ? (index[(lead - 0x81) * 190 + trail - 0x41] ?? 0) : 0,
    );
    return { single: singleOf((byte) => (isIn(byte, 0x81, 0xfe) ? LEAD : 0)), pairs };
  },
  /** §13.3.1; the user-defined rows are mapped to a private area. */
  shift_jis: () => {
    const index = unpackIndex(JIS0208);
    const pairs = pairsOf(0x81, 0xfc, (lead, trail) => {
      if (!isIn(trail, 0x40, 0x7e) && !isIn(trail, 0x80, 0xfc)) return 0;
      const pointer = (lead - (lead < 0xa0 ? 0x81 : 0xc1)) * 188 + trail - (trail < 0x7f ? 0x40 : 0x41);
      return isIn(pointer, 8_836, 10_715) ? 0xe000 - 8_836 + pointer : (index[pointer] ?? 0);
    });
    const single = singleOf((byte) => {
      if (byte === 0x80) return byte;
      if (isIn(byte, 0xa1, 0xdf)) return KATAKANA - 0xa1 + byte;
      return isIn(byte, 0x81, 0x9f) || isIn(byte, 0xe0, 0xfc) ? LEAD : 0;
    });
    return { single, pairs };
  },
  /** §13.1.1 */
  'euc-jp': () => {
    const jis0208 = unpackIndex(JIS0208);
    const jis0212 = unpackIndex(JIS0212);
    const pointerOf = (lead: number, trail: number): number =>
      isIn(lead, 0xa1, 0xfe) && isIn(trail, 0xa1, 0xfe) ? (lead - 0xa1) * 94 + trail - 0xa1 : -1;
    const pairs = pairsOf(0x8e, 0xfe, (lead, trail) => {
      if (lead === 0x8e) return isIn(trail, 0xa1, 0xdf) ? KATAKANA - 0xa1 + trail : 0;
      return jis0208[pointerOf(lead, trail)] ?? 0;
    });
    const triples = pairsOf(0xa1, 0xfe, (lead, trail) => jis0212[pointerOf(lead, trail)] ?? 0);
    const single = singleOf((byte) => (byte === 0x8e || byte === 0x8f || isIn(byte, 0xa1, 0xfe) ? LEAD : 0));
    return { single, pairs, triples };
  },
};

const twoPoints = (first: number, second: number): number => TWO_POINTS + first * 0x10000 + second;

/** Letters with two marks by their pointer (§12.1.1, step 3): Unicode has no single code points for them. */
const BIG5_DOUBLES: Readonly<Record<number, number>> = {
  1133: twoPoints(0xca, 0x304),
  1135: twoPoints(0xca, 0x30c),
  1164: twoPoints(0xea, 0x304),
  1166: twoPoints(0xea, 0x30c),
};

const isIn = (value: number, first: number, last: number): boolean => value >= first && value <= last;

const singleOf = (high: (byte: number) => number): Uint32Array =>
  Uint32Array.from({ length: 256 }, (_, byte) => (byte < 0x80 ? byte : high(byte)));

function pairsOf(first: number, last: number, codePoint: (lead: number, trail: number) => number): Uint32Array {
  const pairs = new Uint32Array(65_536);
  for (let lead = first; lead <= last; lead += 1)
    for (let trail = 0; trail < 256; trail += 1) pairs[lead * 256 + trail] = codePoint(lead, trail);
  return pairs;
}
