interface MagicNumber {
  readonly format: string;
  /** Offset of the first byte. @default 0 */
  readonly at?: number;
  /** The magic number as Latin-1 text. */
  readonly bytes: string;
  /** Bytes that must also be at offset 0. */
  readonly head?: string;
}

/**
 * First bytes of binary formats, from MIME Sniffing Standard §6 and the formats' own specifications.
 * Those with which a text may begin as well (`BM`, `MZ`, `ID3`) are longer than usual or left out: their zero bytes show what they are.
 */
const MAGIC_NUMBERS: readonly MagicNumber[] = [
  { format: 'pdf', bytes: '%PDF-' },
  { format: 'png', bytes: '\x89PNG\r\n\x1a\n' },
  { format: 'gif', bytes: 'GIF87a' },
  { format: 'gif', bytes: 'GIF89a' },
  { format: 'jpeg', bytes: '\xff\xd8\xff' },
  { format: 'webp', at: 8, bytes: 'WEBPVP', head: 'RIFF' },
  { format: 'wav', at: 8, bytes: 'WAVEfmt ', head: 'RIFF' },
  { format: 'tiff', bytes: 'II*\0' },
  { format: 'tiff', bytes: 'MM\0*' },
  { format: 'zip, docx, jar, epub', bytes: 'PK\x03\x04' },
  { format: 'empty zip', bytes: 'PK\x05\x06' },
  { format: 'gzip', bytes: '\x1f\x8b\x08' },
  { format: 'rar', bytes: 'Rar!\x1a\x07' },
  { format: '7z', bytes: '7z\xbc\xaf\x27\x1c' },
  { format: 'bzip2', at: 4, bytes: '1AY&SY', head: 'BZh' },
  { format: 'xz', bytes: '\xfd7zXZ\0' },
  { format: 'zstd', bytes: '\x28\xb5\x2f\xfd' },
  { format: 'woff', bytes: 'wOFF\0' },
  { format: 'woff2', bytes: 'wOF2\0' },
  { format: 'otf', bytes: 'OTTO\0' },
  { format: 'ttf', bytes: '\0\x01\0\0' },
  { format: 'mp3', bytes: 'ID3\x03\0' },
  { format: 'mp3', bytes: 'ID3\x04\0' },
  { format: 'ogg', bytes: 'OggS\0' },
  { format: 'flac', bytes: 'fLaC\0' },
  { format: 'mp4, avif, heic', at: 4, bytes: 'ftyp', head: '\0' },
  { format: 'webm', bytes: '\x1aE\xdf\xa3' },
  { format: 'wasm', bytes: '\0asm' },
  { format: 'elf', bytes: '\x7fELF' },
  { format: 'doc, xls, msi', bytes: '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1' },
  { format: 'sqlite', bytes: 'SQLite format 3\0' },
];

const MAX_MAGIC_BYTES = 16;

/** Binary format whose magic number a body begins with. */
export function magicFormat(bytes: Buffer): string | undefined {
  const start = bytes.toString('latin1', 0, MAX_MAGIC_BYTES);
  const matches = ({ at = 0, bytes: magic, head = '' }: MagicNumber): boolean =>
    start.startsWith(magic, at) && start.startsWith(head);
  return MAGIC_NUMBERS.find(matches)?.format;
}
