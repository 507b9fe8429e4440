import { analyse } from 'chardet';
import { createPartDecoder } from './part-decoders';
import { withoutMarkup } from './without-markup';

/** Encodings of scripts other than Latin, whose letter frequencies cannot be mistaken for English or German. */
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
/** Encodings of Latin letters, which are easily mistaken for windows-1252. */
const LATIN: Readonly<Record<string, string>> = {
  'ISO-8859-2': 'iso-8859-2',
  'ISO-8859-9': 'windows-1254',
  'windows-1250': 'windows-1250',
  'windows-1254': 'windows-1254',
};
/** Multi-byte encodings of East Asian languages. */
const PAIRS: Readonly<Record<string, string>> = {
  Big5: 'big5',
  'EUC-JP': 'euc-jp',
  'EUC-KR': 'euc-kr',
  GB18030: 'gbk',
  Shift_JIS: 'shift_jis',
};

const MIN_SCRIPT_CONFIDENCE = 15;
const MIN_PAIRS_CONFIDENCE = 50;
/** Share of the bytes from 0x80 on that stand in runs: words of other scripts consist of them, in Latin ones they mostly stand alone. */
const MIN_RUN_SHARE = 0.6;
const RUN_BYTES = 3;
/** Western pages must not change, so another Latin encoding has to be much more likely. */
const MIN_LATIN_CONFIDENCE = 35;
const MIN_LATIN_LEAD = 15;
const MIN_LATIN_BYTES = 20;
const MAX_BROKEN_SHARE = 0.01;

/**
 * Most likely encoding of a text that is not UTF-8 and declares none; undefined for windows-1252, which browsers assume by default. It goes
 * by letter frequencies (chardet has those of ICU), which are believed only when a mistake is unlikely.
 * @param sample part of the page, including its markup
 */
export function detectCharset(sample: Buffer): string | undefined {
  const text = withoutMarkup(sample);
  const high = countHigh(text);
  if (high.bytes === 0) return undefined;
  const [best, ...others] = analyse(text).filter(({ name }) => name !== 'ASCII');
  const { name = '', confidence = 0 } = best ?? {};
  const pairs = PAIRS[name];
  const isBroken = pairs !== undefined && brokenShare(text, pairs) > MAX_BROKEN_SHARE;
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
  /** Number of bytes from 0x80 on. */
  readonly bytes: number;
  /** Number of these that stand in runs of three or more. */
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

/** Share of a text that is not valid in an encoding. A character that is cut at the end of the sample does not count. */
function brokenShare(text: Buffer, encoding: string): number {
  const decoded = createPartDecoder(encoding).decode(text, { stream: true });
  return (decoded.split('\ufffd').length - 1) / Math.max(1, decoded.length);
}

/**
 * Whether a text is Thai, which chardet does not know: signs above and below follow a consonant, and several bytes from 0x80 on never
 * occur.
 */
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

/** Chooses between encodings that differ in a few letters, which frequencies cannot tell apart. */
function variantOf(script: string, text: Buffer): string {
  // koi8-u has Ukrainian letters where koi8-r has box-drawing characters; beside letters they are letters.
  if (script === 'koi8-r') return hasBeside(text, [0xa4, 0xa6, 0xa7, 0xad, 0xb4, 0xb6, 0xb7, 0xbd]) ? 'koi8-u' : script;
  // This byte is a capital alpha with accent in windows-1253, and a quotation mark in iso-8859-7.
  if (script === 'iso-8859-7') return hasBeside(text, [0xa2]) ? 'windows-1253' : script;
  return script;
}

const hasBeside = (text: Buffer, bytes: readonly number[]): boolean =>
  text.some((byte, at) => bytes.includes(byte) && (text[at + 1] ?? 0) >= 0xc0);
