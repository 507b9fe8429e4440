import { parseContentType } from './content-type';

/** MIME Sniffing Standard §4.6, "JSON MIME type". Lines of JSON (ndjson, json-seq) are none: as a whole they are not JSON. */
export function isJsonType(contentType: string | undefined): boolean {
  const { mime } = parseContentType(contentType);
  if (mime === undefined) return false;
  return mime.subtype.endsWith('+json') || ['application/json', 'text/json'].includes(mime.essence);
}
