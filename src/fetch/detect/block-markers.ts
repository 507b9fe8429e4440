import { isName } from '../../http/header-value';
import type { HeaderPair } from '../../http/header-value';

/**
 * Answers in which a marker counts.
 * `anywhere`: no good page has it. `on-error`: good pages have it too, so only with an error status (404 and 410 are not).
 * `on-thin`: with an error status, or on a page that says almost nothing else.
 * `on-bare`: the same, but a thin page that asks for something, such as a password or a message, is a form and no challenge.
 */
export type MarkerScope = 'anywhere' | 'on-error' | 'on-thin' | 'on-bare';

/** `certain`: only this vendor's block pages have it. `likely`: a page could in principle say the same for another reason. */
export type Confidence = 'certain' | 'likely';

interface Marker {
  readonly vendor: string;
  /** A short name that goes into the outcome, so that a wrong verdict can be traced. */
  readonly signal: string;
  readonly confidence: Confidence;
  /** Origin of the marker: the vendor's documentation, other people's detection, or pages as they are served. */
  readonly source: string;
}

export interface HeaderMarker extends Marker {
  /** @default any */
  readonly statusCodes?: readonly number[];
  matches(headers: readonly HeaderPair[]): boolean;
}

export interface TextMarker extends Marker {
  readonly scope: MarkerScope;
  /** A text in lower case that every match of `pattern` contains, in whatever case. Markers that count `anywhere` need one, because most pages are only searched for these. */
  readonly literal?: string;
  /** Searched for in the first kilobytes of the HTML, markup included. */
  readonly pattern: RegExp;
}

/** Sources that several markers have. */
export const AS_SERVED = 'as served';
export const CRAWL4AI = 'https://github.com/unclecode/crawl4ai (antibot_detector)';
export const CRAWLEE = 'https://github.com/apify/crawlee (utils, blocked)';

const has = (name: string, value: RegExp) => (headers: readonly HeaderPair[]) =>
  headers.some(([other, text]) => isName(other, name) && value.test(text));

/** Headers that by themselves prove a block. */
export const headerMarkers: readonly HeaderMarker[] = [
  {
    vendor: 'cloudflare',
    signal: 'cf-mitigated',
    confidence: 'certain',
    source: 'https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/',
    matches: has('cf-mitigated', /^\s*challenge/i),
  },
  {
    vendor: 'aws-waf',
    signal: 'x-amzn-waf-action',
    confidence: 'certain',
    source: 'https://docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge-how-it-works.html',
    matches: has('x-amzn-waf-action', /^\s*(challenge|captcha)/i),
  },
  {
    vendor: 'vercel',
    signal: 'x-vercel-mitigated',
    confidence: 'certain',
    source: 'as served in Attack Challenge Mode',
    matches: has('x-vercel-mitigated', /^\s*(challenge|deny)/i),
  },
  {
    vendor: 'siteground',
    signal: 'sg-captcha',
    confidence: 'certain',
    source: 'as served, with status 202',
    matches: has('sg-captcha', /^\s*challenge/i),
  },
  {
    vendor: 'kasada',
    signal: 'x-kpsdk-ct',
    confidence: 'likely',
    source: 'as served to a first visit; good pages carry the header too',
    statusCodes: [403, 429],
    matches: has('x-kpsdk-ct', /./),
  },
];

/** Matches a visible element with this class. Good pages have invisible widgets, which score their visitors. */
const visible = (name: string) =>
  new RegExp(`<\\w+(?![^<>]{0,500}data-size=["']?invisible)[^<>]{0,500}class=["'][^"'<>]{0,200}\\b${name}\\b`, 'i');

/**
 * Widgets of captcha services. Good pages have them in forms too, so `detectBlock` looks for such a form. Whole sites load the script
 * on every page to score their visitors, so on a page with a good status only the visible element counts.
 */
export const captchaWidgets = [
  {
    signal: 'recaptcha',
    source: 'https://developers.google.com/recaptcha/docs/display',
    element: visible('g-recaptcha'),
    script: /\/recaptcha\/(api|enterprise)\.js/i,
  },
  {
    signal: 'hcaptcha',
    source: 'https://docs.hcaptcha.com/',
    element: visible('h-captcha'),
    script: /hcaptcha\.com\/1\/api\.js/i,
  },
  {
    signal: 'turnstile',
    source: 'https://developers.cloudflare.com/turnstile/get-started/client-side-rendering/',
    element: visible('cf-turnstile'),
    script: /challenges\.cloudflare\.com\/turnstile/i,
  },
  {
    signal: 'geetest',
    source: 'https://docs.geetest.com/captcha/apirefer/api/web',
    element: visible('geetest_[a-z]{1,40}'),
    script: /(static|gcaptcha4)\.geetest\.com\//i,
  },
  {
    signal: 'friendly-captcha',
    source: 'https://developer.friendlycaptcha.com/docs/v2/getting-started/install',
    element: visible('frc-captcha'),
    script: /@friendlycaptcha\/sdk/i,
  },
] as const;
