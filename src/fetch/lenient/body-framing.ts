import { headerValues } from '../../http/header-value';
import { InvalidResponseError } from './invalid-response-error';
import type { ResponseHead } from './response-head';

/** How the end of a body is told. */
export type BodyFraming =
  | { readonly kind: 'none' }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'until-close' };

/** Chunks win over a length (RFC 9112 §6.3), and lengths that differ are an attack or a mistake, as for Chromium; equal ones are one. */
export function framingOf({ statusCode, headers }: ResponseHead, method: string): BodyFraming {
  if (method === 'HEAD' || statusCode === 204 || statusCode === 304) return { kind: 'none' };
  if (listOf(headers, 'transfer-encoding').some((coding) => coding.toLowerCase() === 'chunked'))
    return { kind: 'chunked' };
  const lengths = new Set(listOf(headers, 'content-length'));
  if (lengths.size > 1) throw new InvalidResponseError('it has several lengths');
  const [length = ''] = lengths;
  // What is no number is no length: the body then ends with the connection.
  return /^\d{1,15}$/.test(length) ? { kind: 'length', bytes: Number(length) } : { kind: 'until-close' };
}

function listOf(headers: ResponseHead['headers'], name: string): readonly string[] {
  return headerValues(headers, name)
    .flatMap((value) => value.split(','))
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
