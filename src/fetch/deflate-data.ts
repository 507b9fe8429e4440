/** Flags of a gzip member, RFC 1952 §2.3.1. */
const FHCRC = 0x02;
const FEXTRA = 0x04;
const FNAME = 0x08;
const FCOMMENT = 0x10;

/** The deflate stream inside a gzip or zlib body, without header; its own end shows whether it is complete. Undefined when there is none. */
export function deflateDataOf(body: Buffer, coding: string | undefined): Buffer | undefined {
  if (coding === 'deflate') return body.length > 2 ? body.subarray(2) : undefined;
  if (coding !== 'gzip' && coding !== 'x-gzip') return undefined;
  const flags = body[3] ?? 0;
  let offset = 10;
  if ((flags & FEXTRA) !== 0) {
    if (body.length < offset + 2) return undefined;
    offset += 2 + body.readUInt16LE(offset);
  }
  for (const flag of [FNAME, FCOMMENT]) {
    if ((flags & flag) === 0) continue;
    const end = body.indexOf(0, offset);
    if (end === -1) return undefined;
    offset = end + 1;
  }
  if ((flags & FHCRC) !== 0) offset += 2;
  return offset < body.length ? body.subarray(offset) : undefined;
}
