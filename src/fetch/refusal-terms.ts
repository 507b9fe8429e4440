import type { RefusalTerms } from '../jobs/fetch-outcome';
import { parseUrl } from '../net/parse-url';
import { headerValue, headerValues } from '../http/header-value';
import type { HeaderPair } from '../http/header-value';
import { linksOf } from '../http/link-header';

const MAX_PRICE_LENGTH = 100;
const MAX_URL_LENGTH = 2_048;
const MAX_PAYMENT_LENGTH = 2_048;

/** Link relations that tell on which terms a page may be had, the plainest first: RFC 6903, RFC 4946 (and RSL), and IANA's "payment". */
const TERMS = ['terms-of-service', 'license', 'payment'];

/**
 * The terms or reasons that an answer gives for not sending the page. They are for people to read: everfetch never acts upon them. With 402 that is the
 * price (`crawler-price` of Cloudflare's pay per crawl), the terms (`Link`, as RSL has it) and the offer of x402
 * (`PAYMENT-REQUIRED`); with 451 who demanded it (RFC 7725 §4). They are short printable texts, and http URLs without credentials.
 * @param pageUrl base of relative links; without it they are left out
 * @returns undefined when the answer gives none
 */
export function refusalTermsOf(
  statusCode: number,
  headers: readonly HeaderPair[],
  pageUrl: string | undefined,
): RefusalTerms | undefined {
  const terms = statusCode === 402 ? priceOf(headers, pageUrl) : statusCode === 451 ? lawOf(headers, pageUrl) : {};
  return Object.keys(terms).length === 0 ? undefined : terms;
}

function priceOf(headers: readonly HeaderPair[], pageUrl: string | undefined): RefusalTerms {
  const crawlerPrice = printable(headerValue(headers, 'crawler-price')).slice(0, MAX_PRICE_LENGTH).trim();
  const termsUrl = linkTo(TERMS, headers, pageUrl);
  const paymentRequired = headerValue(headers, 'payment-required')?.trim() ?? '';
  // The offer is Base64, which is of no use when it is cut.
  const isOffer = /^[A-Za-z0-9+/_-]+={0,2}$/.test(paymentRequired) && paymentRequired.length <= MAX_PAYMENT_LENGTH;
  return {
    ...(crawlerPrice !== '' && { crawlerPrice }),
    ...(termsUrl !== undefined && { termsUrl }),
    ...(isOffer && { paymentRequired }),
  };
}

function lawOf(headers: readonly HeaderPair[], pageUrl: string | undefined): RefusalTerms {
  const blockedByUrl = linkTo(['blocked-by'], headers, pageUrl);
  return blockedByUrl === undefined ? {} : { blockedByUrl };
}

/** @param relations in order of preference */
function linkTo(
  relations: readonly string[],
  headers: readonly HeaderPair[],
  pageUrl: string | undefined,
): string | undefined {
  const links = linksOf(headerValues(headers, 'link'));
  for (const relation of relations)
    for (const { target, relations: named } of links) {
      const url = named.includes(relation) ? httpUrl(target, pageUrl) : undefined;
      if (url !== undefined) return url;
    }
  return undefined;
}

function httpUrl(target: string, base: string | undefined): string | undefined {
  const url = parseUrl(target, base === undefined ? undefined : parseUrl(base));
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return undefined;
  url.username = '';
  url.password = '';
  return url.href.length <= MAX_URL_LENGTH ? url.href : undefined;
}

/** Replaces unprintable bytes, because a header may hold any byte and this is shown on terminals. */
const printable = (text = ''): string => text.replace(/[^\x20-\x7e]+/g, ' ').trim();
