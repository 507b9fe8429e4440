import { headerValue } from '../../http/header-value';
import type { HeaderPair } from '../../http/header-value';
import { captchaWidgets, headerMarkers } from './block-markers';
import type { Confidence, TextMarker } from './block-markers';
import { textMarkers } from './text-markers';

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
  readonly confidence: Confidence;
}

/** Longest page whose wording counts although its status is good, in bytes. It is less than detection sees, so that such a page is seen whole. */
export const THIN_BYTES = 15_000;
/** Most characters that such a page may show. A block page says a few sentences. */
export const THIN_CHARACTERS = 1_000;

/**
 * Whether this is a block or challenge page, whatever its status. A wrong yes is worse than a wrong no: the page would be fetched again
 * until the job's time is over. So a vendor's mere presence proves nothing, and neither does an empty or tiny page.
 */
export function detectBlock({ statusCode, headers, text }: DetectInput): Block | undefined {
  const header = headerMarkers.find(
    (marker) => (marker.statusCodes?.includes(statusCode) ?? true) && marker.matches(headers),
  );
  if (header) return blockOf(header);
  if (text === '' || !isHtml(headers, text)) return undefined;

  const isError = isErrorStatus(statusCode);
  const isThin = isError || (Buffer.byteLength(text) <= THIN_BYTES && visibleText(text).length <= THIN_CHARACTERS);
  const isBare = isError || (isThin && !hasOrdinaryForm(text));
  const counts = { anywhere: true, 'on-error': isError, 'on-thin': isThin, 'on-bare': isBare } as const;
  const isThere = ({ pattern }: TextMarker) => pattern.test(text) && (isError || pattern.test(withoutQuotations(text)));
  const marker = textMarkers.find((each) => counts[each.scope] && isThere(each));
  if (marker) return blockOf(marker);

  if (!isBare) return undefined;
  const widget = captchaWidgets.find(({ element, script }) => element.test(text) || (isError && script.test(text)));
  return widget && { vendor: 'generic', signal: widget.signal, confidence: 'likely' };
}

function blockOf({ vendor, signal, confidence }: Block): Block {
  return { vendor, signal, confidence };
}

export function isErrorStatus(statusCode: number): boolean {
  return statusCode >= 400 && statusCode !== 404 && statusCode !== 410;
}

/** Whether an answer is HTML, as block pages are. JSON, XML, plain text and files only quote them. */
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

/** The visible text, roughly. An element that does not end hides the rest. */
export function visibleText(html: string): string {
  return html
    .replace(/<!--.*?(-->|$)/gs, ' ')
    .replace(/<(script|style|template|svg|head)\b.*?(<\/\1\s*>|$)/gis, ' ')
    .replace(/<[^<>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Removes code and quotations, which say nothing about the page itself. An element that does not end takes the rest with it. */
function withoutQuotations(html: string): string {
  return html.replace(/<(pre|code|samp|blockquote|q|textarea)\b.*?(<\/\1\s*>|$)/gis, ' ');
}

/** Whether there is a form other than the captcha's: sign-in, contact and search pages protect theirs with one, a challenge has no other. */
function hasOrdinaryForm(html: string): boolean {
  return /<textarea\b(?![^<>]{0,300}g-recaptcha-response)|<select\b|<input\b[^<>]{0,500}\btype=["']?(email|password|tel|text|search|url|number|date|file)\b/i.test(
    html,
  );
}
