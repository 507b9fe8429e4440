import { parseContentType } from './content-type';
import { magicFormat } from './magic-numbers';
import { bomCharset, utf16WithoutBom } from './charset/utf16-signs';

export interface IsBinaryOptions {
  readonly contentType: string | undefined;
  /** Whether the caller said that the target is binary. */
  readonly forceBinary?: boolean;
}

/** Bytes that are examined (MIME Sniffing Standard §5.2, "resource header"). */
export const SAMPLE_BYTES = 1_445;
/** Largest share of zero bytes in a body that is declared as text: old gateways pad pages with some. */
const MAX_ZERO_SHARE = 0.01;

const TEXT_SUBTYPES =
  /^(?:(?:x-)?(?:javascript|ecmascript|json5?|ndjson|jsonlines|yaml|toml|sh|httpd-php)|json-seq|graphql|sql|rtf|xml-dtd|x-www-form-urlencoded|(?:x-|vnd\.apple\.)mpegurl)$|\+(?:json|xml|yaml)$/;
const BINARY_SUBTYPES =
  /^(?:octet-stream|binary|pdf|x-pdf|wasm|msword|postscript|java-archive|vnd\.rar|vnd\.ms-.*|vnd\.(?:openxmlformats|oasis)[-.].*|vnd\.android\..*|(?:x-)?(?:g?zip|g?tar|bzip2?|7z|rar|xz|zstd|compress|(?:zip|gzip|7z|rar|xz)-compressed|protobuf|msgpack|font-.*|shockwave-flash|sqlite3))$|\+(?:zip|gzip|cbor|protobuf)$/;

/**
 * Whether a decoded body cannot be given as text. The declared type decides; bytes that are plainly not text overrule a type that says
 * text, and decide alone where no type is declared.
 */
export function isBinary(body: Buffer, { contentType, forceBinary = false }: IsBinaryOptions): boolean {
  if (forceBinary) return true;
  const declared = declaredKind(contentType);
  if (declared === 'binary') return true;
  if (isUtf16(body, contentType)) return false; // half of its bytes may be zero
  if (magicFormat(body) !== undefined) return true;
  const sample = body.subarray(0, SAMPLE_BYTES);
  if (declared === 'text') return countZeros(sample) > sample.length * MAX_ZERO_SHARE;
  return sample.some(isBinaryByte);
}

function declaredKind(contentType: string | undefined): 'text' | 'binary' | undefined {
  const { mime } = parseContentType(contentType);
  if (mime === undefined) return undefined;
  if (mime.type === 'text' || mime.isXML() || mime.isJavaScript() || TEXT_SUBTYPES.test(mime.subtype)) return 'text'; // svg is +xml
  if (['image', 'audio', 'video', 'font', 'model'].includes(mime.type) || BINARY_SUBTYPES.test(mime.subtype))
    return 'binary';
  return undefined;
}

function isUtf16(body: Buffer, contentType: string | undefined): boolean {
  const charset = bomCharset(body) ?? parseContentType(contentType).charset ?? utf16WithoutBom(body);
  return charset === 'utf-16le' || charset === 'utf-16be';
}

/** Uses a native search, because nearly always there is none. */
function countZeros(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(0); at !== -1; at = bytes.indexOf(0, at + 1)) count += 1;
  return count;
}

/** Whether a byte is a "binary data byte" (MIME Sniffing Standard §3). Escape (0x1B) is not, because iso-2022-jp uses it. */
const isBinaryByte = (byte: number): boolean =>
  byte <= 0x08 || byte === 0x0b || (byte >= 0x0e && byte <= 0x1a) || (byte >= 0x1c && byte <= 0x1f);
