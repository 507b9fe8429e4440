import { headerValue } from '../header-value';
import type { HeaderPair } from '../header-value';
import { captchaWidgets, headerMarkers, textMarkers } from './block-markers';

export interface DetectInput {
  readonly statusCode: number;
  readonly headers: readonly HeaderPair[];
  /** The first kilobytes of the body, unpacked and decoded. */
  readonly text: string;
}

export interface Block {
  readonly vendor: string;
  /** The marker that decided. */
  readonly signal: string;
}

/** Longest page whose wording counts although its status is fine, in bytes: less than detection gets to see, so that such a page is seen whole. */
export const THIN_BYTES = 15_000;
/** And how much of it may be there to read. A block page says a few sentences. */
export const THIN_WORDS = 1_000;

/**
 * Whether this is a block or challenge page, whatever its status. A wrong yes is worse than a wrong no: the page would be fetched again
 * until the job's time is over. So a vendor's mere presence proves nothing, and neither does an empty or tiny page.
 */
export function detectBlock({ statusCode, headers, text }: DetectInput): Block | undefined {
  const header = headerMarkers.find(
    (marker) => (marker.statusCodes?.includes(statusCode) ?? true) && marker.matches(headers),
  );
  if (header) return { vendor: header.vendor, signal: header.signal };
  if (text === '' || !isHtml(headers, text)) return undefined;

  const isError = isErrorStatus(statusCode);
  const isThin = Buffer.byteLength(text) <= THIN_BYTES && visibleText(text).length <= THIN_WORDS;
  const counts = { anywhere: true, 'on-error': isError, 'on-thin': isError || isThin } as const;
  const marker = textMarkers.find(({ scope, pattern }) => counts[scope] && pattern.test(text));
  if (marker) return { vendor: marker.vendor, signal: marker.signal };

  if (!isError && (!isThin || hasOrdinaryForm(text))) return undefined;
  const widget = captchaWidgets.find(({ element, script }) => element.test(text) || (isError && script.test(text)));
  return widget && { vendor: 'generic', signal: widget.signal };
}

export function isErrorStatus(statusCode: number): boolean {
  return statusCode >= 400 && statusCode !== 404 && statusCode !== 410;
}

/** Block pages are HTML. JSON, XML, plain text and files only quote them. */
function isHtml(headers: readonly HeaderPair[], text: string): boolean {
  const type = mediaTypeOf(headers);
  if (type === '') return /^\uFEFF?\s*<(?!\?xml)/.test(text);
  return isHtmlType(type);
}

export function mediaTypeOf(headers: readonly HeaderPair[]): string {
  return headerValue(headers, 'content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
}

export function isHtmlType(mediaType: string): boolean {
  return mediaType === 'text/html' || mediaType === 'application/xhtml+xml';
}

/** What there is to read, roughly. An element that does not end takes the rest. */
export function visibleText(html: string): string {
  return html
    .replace(/<!--.*?(-->|$)/gs, ' ')
    .replace(/<(script|style|template|svg|head)\b.*?(<\/\1\s*>|$)/gis, ' ')
    .replace(/<[^<>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Sign-in, contact and search pages protect their form with a captcha; a challenge asks for nothing else. */
function hasOrdinaryForm(html: string): boolean {
  return /<textarea\b(?![^<>]{0,300}g-recaptcha-response)|<select\b|<input\b[^<>]{0,500}\btype=["']?(email|password|tel|text|search|url|number|date|file)\b/i.test(
    html,
  );
}
