/** Flags of a gzip member, RFC 1952 §2.3.1. */
const FHCRC = 0x02;
const FEXTRA = 0x04;
const FNAME = 0x08;
const FCOMMENT = 0x10;
const FIXED_BYTES = 10;

/** Where the deflate stream of a gzip begins; 'more' when the header is not complete, undefined when it is none. */
export function gzipDataOffset(bytes: Buffer): number | 'more' | undefined {
  const magic = [0x1f, 0x8b, 0x08];
  if (magic.some((byte, at) => at < bytes.length && bytes[at] !== byte)) return undefined;
  if (bytes.length < FIXED_BYTES) return 'more';
  const flags = bytes[3] ?? 0;
  let offset = FIXED_BYTES;
  if ((flags & FEXTRA) !== 0) {
    if (bytes.length < offset + 2) return 'more';
    offset += 2 + bytes.readUInt16LE(offset);
  }
  for (const flag of [FNAME, FCOMMENT]) {
    if ((flags & flag) === 0) continue;
    const end = bytes.indexOf(0, offset);
    if (end === -1) return 'more';
    offset = end + 1;
  }
  if ((flags & FHCRC) !== 0) offset += 2;
  return offset <= bytes.length ? offset : 'more';
}
