// Writes src/http/charset/encodings/encoding-data.ts from the data files of the Encoding Standard (https://github.com/whatwg/encoding):
//   node scripts/make-encoding-data.mjs <folder with encodings.json and index-*.txt>
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('which folder holds the files of the Encoding Standard?');
const read = (name) => readFileSync(join(folder, name), 'utf8');

/** Reads an index as code points by pointer, 0 where there is none. */
function indexOf(name) {
  const points = [];
  for (const line of read(`index-${name}.txt`).split('\n')) {
    const [, pointer, codePoint] = /^\s*(\d+)\s+0x([0-9A-F]+)/.exec(line) ?? [];
    if (pointer !== undefined) points[Number(pointer)] = Number.parseInt(codePoint, 16);
  }
  return Array.from(points, (point) => point ?? 0);
}

/** Packs code points: all low bytes, then all second ones, then all third ones, which compresses best. */
function packed(points) {
  const planes = [0, 8, 16].flatMap((shift) => points.map((point) => (point >> shift) & 0xff));
  return deflateRawSync(Buffer.from(planes), { level: 9 }).toString('base64');
}

const groups = JSON.parse(read('encodings.json'));
const encodings = groups.flatMap(({ encodings: each }) => each);
const labels = encodings
  .filter(({ name }) => name !== 'replacement')
  .map(({ name, labels: each }) => [name.toLowerCase(), each.join(' ')]);
const singleByte = groups
  .find(({ heading }) => heading === 'Legacy single-byte encodings')
  .encodings.map(({ name }) => name.toLowerCase());
const high = singleByte.map((name) => {
  const points = indexOf(name === 'iso-8859-8-i' ? 'iso-8859-8' : name);
  return [name, Array.from({ length: 128 }, (_, at) => points[at] ?? 0)];
});

const entry = ([key, value]) => `  '${key}': '${value}',`;
const file = `// Made by scripts/make-encoding-data.mjs from the data files of the Encoding Standard; not to be edited by hand.

/** The labels of each encoding (§4.2), by its name in lower case. Without \`replacement\`, of which nothing could be shown. */
export const LABELS: Readonly<Record<string, string>> = {
${labels.map(entry).join('\n')}
};

/** The single-byte encodings (§9), whose indexes follow one another in {@link SINGLE_BYTE}, 128 code points each. */
export const SINGLE_BYTE_NAMES: readonly string[] = [
${high.map(([name]) => `  '${name}',`).join('\n')}
];

/** Indexes (§5): code points by pointer, 0 for none; all low bytes, all second bytes, all third bytes; deflated, in base64. */
export const SINGLE_BYTE = '${packed(high.flatMap(([, points]) => points))}';
export const BIG5 = '${packed(indexOf('big5'))}';
export const EUC_KR = '${packed(indexOf('euc-kr'))}';
export const JIS0208 = '${packed(indexOf('jis0208'))}';
export const JIS0212 = '${packed(indexOf('jis0212'))}';
`;
const target = join(
  dirname(fileURLToPath(import.meta.url)),
  '..',
  'src',
  'http',
  'charset',
  'encodings',
  'encoding-data.ts',
);
writeFileSync(target, file);
