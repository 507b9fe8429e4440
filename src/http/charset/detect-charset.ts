import { analyse } from 'chardet';
import { createPartDecoder } from './part-decoders';
import { withoutMarkup } from './without-markup';

/** A script by whose look alone nobody would take it for English or German. */
const SCRIPTS: Readonly<Record<string, string>> = {
  'ISO-8859-5': 'iso-8859-5',
  'ISO-8859-6': 'iso-8859-6',
  'ISO-8859-7': 'iso-8859-7',
  'ISO-8859-8': 'windows-1255', // the same letters, in the order in which they are read
  'KOI8-R': 'koi8-r',
  'windows-1251': 'windows-1251',
  'windows-1253': 'windows-1253',
  'windows-1255': 'windows-1255',
  'windows-1256': 'windows-1256',
};
/** Latin letters, as windows-1252 has them too. */
const LATIN: Readonly<Record<string, string>> = {
  'ISO-8859-2': 'iso-8859-2',
  'ISO-8859-9': 'windows-1254',
  'windows-1250': 'windows-1250',
  'windows-1254': 'windows-1254',
};
const PAIRS: Readonly<Record<string, string>> = {
  Big5: 'big5',
  'EUC-JP': 'euc-jp',
  'EUC-KR': 'euc-kr',
  GB18030: 'gbk',
  Shift_JIS: 'shift_jis',
};

const MIN_SCRIPT_CONFIDENCE = 15;
const MIN_PAIRS_CONFIDENCE = 50;
/** Words of such a script are made of such bytes; in Latin ones they stand alone, or in capitals. */
const MIN_RUN_SHARE = 0.6;
const RUN_BYTES = 3;
/** Western pages must stay what they are: the other languages have to be much likelier. */
const MIN_LATIN_CONFIDENCE = 35;
const MIN_LATIN_LEAD = 15;
const MIN_LATIN_BYTES = 20;
const MOST_BROKEN_SHARE = 0.01;

/**
 * The encoding that a text which is not UTF-8 and declares nothing is most likely in; undefined for windows-1252, which is what browsers take
 * without a reason for another one. By letter frequencies (chardet, which has ICU's), believed only where a mistake is unlikely.
 * @param sample with the markup
 */
export function detectCharset(sample: Buffer): string | undefined {
  const text = withoutMarkup(sample);
  const high = countHigh(text);
  if (high.bytes === 0) return undefined;
  const [best, ...others] = analyse(text).filter(({ name }) => name !== 'ASCII');
  const { name = '', confidence = 0 } = best ?? {};
  const pairs = PAIRS[name];
  const isBroken = pairs !== undefined && brokenShare(text, pairs) > MOST_BROKEN_SHARE;
  if (pairs !== undefined && confidence === 100 && !isBroken) return pairs;
  if (isThai(text, high)) return 'windows-874';
  if (pairs !== undefined) return confidence >= MIN_PAIRS_CONFIDENCE && !isBroken ? pairs : undefined;
  const script = SCRIPTS[name];
  if (script !== undefined && confidence >= MIN_SCRIPT_CONFIDENCE && high.inRuns >= high.bytes * MIN_RUN_SHARE)
    return variantOf(script, text);
  const western = others.find((other) => other.name === 'ISO-8859-1' || other.name === 'windows-1252')?.confidence ?? 0;
  const isClear = confidence >= MIN_LATIN_CONFIDENCE && confidence - western >= MIN_LATIN_LEAD;
  return isClear && high.bytes >= MIN_LATIN_BYTES ? LATIN[name] : undefined;
}

interface High {
  /** From 0x80 on. */
  readonly bytes: number;
  /** How many of these stand in runs of three and more. */
  readonly inRuns: number;
}

function countHigh(text: Buffer): High {
  let bytes = 0;
  let inRuns = 0;
  let run = 0;
  for (let at = 0; at <= text.length; at += 1) {
    if ((text[at] ?? 0) >= 0x80) {
      run += 1;
      continue;
    }
    bytes += run;
    if (run >= RUN_BYTES) inRuns += run;
    run = 0;
  }
  return { bytes, inRuns };
}

/** How much of a text is no character of an encoding. A character that the sample ends in the middle of does not count. */
function brokenShare(text: Buffer, encoding: string): number {
  const decoded = createPartDecoder(encoding).decode(text, { stream: true });
  return (decoded.split('\ufffd').length - 1) / Math.max(1, decoded.length);
}

/** chardet knows no Thai. Its vowels and tones above and below stand behind a consonant, and its bytes leave the rest of the half free. */
function isThai(text: Buffer, { bytes, inRuns }: High): boolean {
  if (bytes < 8 || inRuns < bytes * MIN_RUN_SHARE) return false;
  let marks = 0;
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at] ?? 0;
    if (byte < 0x80) continue;
    const isLetter = (byte >= 0xa1 && byte <= 0xda) || (byte >= 0xdf && byte <= 0xfb);
    if (!isLetter && ![0x80, 0x85, 0xa0].includes(byte) && !(byte >= 0x91 && byte <= 0x97)) return false;
    if (byte !== 0xd1 && !(byte >= 0xd4 && byte <= 0xda) && !(byte >= 0xe7 && byte <= 0xee)) continue;
    if ((text[at - 1] ?? 0) < 0xa1) return false;
    marks += 1;
  }
  return marks >= bytes * 0.08;
}

/** Encodings that differ in a few letters, which the frequencies do not tell. */
function variantOf(script: string, text: Buffer): string {
  // Ukrainian letters stand where koi8-r has lines for boxes; next to letters they are letters.
  if (script === 'koi8-r') return hasBeside(text, [0xa4, 0xa6, 0xa7, 0xad, 0xb4, 0xb6, 0xb7, 0xbd]) ? 'koi8-u' : script;
  // Alpha with its accent, as capital; in iso-8859-7 that byte is a quotation mark.
  if (script === 'iso-8859-7') return hasBeside(text, [0xa2]) ? 'windows-1253' : script;
  return script;
}

const hasBeside = (text: Buffer, bytes: readonly number[]): boolean =>
  text.some((byte, at) => bytes.includes(byte) && (text[at + 1] ?? 0) >= 0xc0);
