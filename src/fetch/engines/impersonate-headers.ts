import { isUtf8 } from 'node:buffer';
import { isName } from '../../http/header-value';
import type { HeaderPair } from '../../http/header-value';
import { headerProfileOf } from '../header-profiles';
import type { HeaderProfileName, OutgoingRequest } from './engine';

/** What impit adds unless it is told otherwise (impit 0.14.5, fingerprint/database). */
const IMPITS_OWN = [
  'accept',
  'accept-encoding',
  'accept-language',
  'priority',
  'sec-ch-ua',
  'sec-ch-ua-mobile',
  'sec-ch-ua-platform',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-fetch-user',
  'te',
  'upgrade-insecure-requests',
  'user-agent',
];

/** impit undoes all four, whatever Node can. */
const ALL_CODINGS = 'gzip, deflate, br, zstd';

/** What browsers add over HTTP/2, at the end. */
const HTTP2_HEADERS: Readonly<Record<HeaderProfileName, HeaderPair>> = {
  chrome: ['priority', 'u=0, i'],
  firefox: ['te', 'trailers'],
};

/**
 * The headers of a request for impit: complete and in their order, so that it adds none; undefined when they hold what it cannot send.
 * Ours are those of the `http` engine, because impit's are of its taste: it would put the caller's and cookies first, and be on a Mac as Firefox.
 */
export function impersonateHeaders(
  { headers, deviceType }: Pick<OutgoingRequest, 'headers' | 'deviceType'>,
  profileName: HeaderProfileName,
): readonly HeaderPair[] | undefined {
  const ours = new Map(headerProfileOf(profileName, deviceType).headers);
  const pairs: HeaderPair[] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const [name = '', value = ''] = [headers[index], headers[index + 1]];
    const text = utf8Of(value);
    if (text === undefined || text === '') return undefined;
    const isOurCodings = isName(name, 'accept-encoding') && value === ours.get('Accept-Encoding');
    pairs.push([name, isOurCodings ? ALL_CODINGS : text]);
  }
  const isThere = (wanted: string) => pairs.some(([name]) => isName(name, wanted));
  const extra = HTTP2_HEADERS[profileName];
  if (!isThere(extra[0])) pairs.push(extra);
  const unwanted = IMPITS_OWN.filter((name) => !isThere(name));
  return [...pairs, ...unwanted.map((name): HeaderPair => [name, ''])];
}

/** impit writes text as UTF-8. A header is bytes, kept here as ISO-8859-1: the text that gives these bytes, if there is one. */
function utf8Of(value: string): string | undefined {
  if (/^[\x20-\x7e\t]*$/.test(value)) return value;
  const bytes = Buffer.from(value, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}
