import { isName } from '../header-value';
import type { HeaderPair } from '../header-value';

/**
 * Where a marker counts.
 * `anywhere`: no good page has it. `on-error`: good pages have it too, so only with an error status (404 and 410 are not).
 * `on-thin`: with an error status, or on a page that says almost nothing else.
 */
export type MarkerScope = 'anywhere' | 'on-error' | 'on-thin';

export interface HeaderMarker {
  readonly vendor: string;
  readonly signal: string;
  readonly statusCodes?: readonly number[];
  matches(headers: readonly HeaderPair[]): boolean;
}

export interface TextMarker {
  readonly vendor: string;
  /** A short name that goes into the outcome, so that a wrong verdict can be traced. */
  readonly signal: string;
  readonly scope: MarkerScope;
  /** In lower case; every match of `pattern` has it, in whatever case. Needed with `anywhere`, because most pages are not looked into without one. */
  readonly literal?: string;
  /** Looked for in the first kilobytes of the HTML, markup included. */
  readonly pattern: RegExp;
}

const has = (name: string, value: RegExp) => (headers: readonly HeaderPair[]) =>
  headers.some(([other, text]) => isName(other, name) && value.test(text));

/** Headers that by themselves say that this is no page. */
export const headerMarkers: readonly HeaderMarker[] = [
  // https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/
  { vendor: 'cloudflare', signal: 'cf-mitigated', matches: has('cf-mitigated', /^\s*challenge/i) },
  // https://docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge-how-it-works.html (202 and 405)
  { vendor: 'aws-waf', signal: 'x-amzn-waf-action', matches: has('x-amzn-waf-action', /^\s*(challenge|captcha)/i) },
  // Vercel Attack Challenge Mode, as observed
  { vendor: 'vercel', signal: 'x-vercel-mitigated', matches: has('x-vercel-mitigated', /^\s*(challenge|deny)/i) },
  // Kasada answers a first visit so; good pages carry the header too
  { vendor: 'kasada', signal: 'x-kpsdk-ct', statusCodes: [403, 429], matches: has('x-kpsdk-ct', /./) },
];

/**
 * Wording and markup of block pages as they are served. Repetitions are bounded, because the text is the target's and may be made to be slow.
 * Compared with the tables of crawl4ai and Crawlee; what those list but good pages also
 * carry (a vendor's monitoring script, its cookies, its error numbers) only counts in a narrower scope here.
 */
export const textMarkers: readonly TextMarker[] = [
  // `/cdn-cgi/challenge-platform/` alone is on good pages (jsd/main.js); only a challenge loads `orchestrate` and sets `_cf_chl_opt`.
  {
    vendor: 'cloudflare',
    signal: 'challenge-platform/orchestrate',
    scope: 'anywhere',
    literal: 'challenge-platform/',
    pattern: /['"/]cdn-cgi\/challenge-platform\/[^'"\s<>]{0,200}orchestrate\//,
  },
  {
    vendor: 'cloudflare',
    signal: '_cf_chl_opt',
    scope: 'anywhere',
    literal: 'window._cf_chl_opt',
    pattern: /<script[^<>]{0,200}>[^<]{0,200}window\._cf_chl_opt\s*=/,
  },
  { vendor: 'cloudflare', signal: '__cf_chl_f_tk', scope: 'on-thin', pattern: /__cf_chl_(f_)?tk/ },
  { vendor: 'cloudflare', signal: 'just-a-moment', scope: 'on-thin', pattern: /<title>\s*Just a moment(\.\.\.|…)/i },
  {
    vendor: 'cloudflare',
    signal: 'attention-required',
    scope: 'on-thin',
    pattern: /<title>\s*Attention Required!\s*\|\s*Cloudflare/i,
  },
  {
    vendor: 'cloudflare',
    signal: 'checking-your-browser',
    scope: 'on-thin',
    pattern: /Checking your browser before accessing|Enable JavaScript and cookies to continue/i,
  },
  // 1006 to 1020 are refusals; the 52x pages of the same template are the origin's trouble, and 1015 is a rate limit.
  {
    vendor: 'cloudflare',
    signal: 'cf-error-code',
    scope: 'on-error',
    pattern: /cf-error-code[^<>]{0,100}>\s*10(0[5-9]|1[0-4]|20)\b/,
  },
  // A content security policy of a good page may name captcha-delivery.com, hence the markup.
  {
    vendor: 'datadome',
    signal: 'captcha-delivery.com',
    scope: 'anywhere',
    literal: 'captcha-delivery.com',
    pattern:
      /<(script|iframe)\b[^<>]{1,500}?src=["']?[^"'\s<>]{0,200}captcha-delivery\.com|['"]host['"]\s*:\s*['"][a-z.-]{0,100}captcha-delivery\.com/i,
  },
  { vendor: 'datadome', signal: 'captcha-delivery.com', scope: 'on-thin', pattern: /captcha-delivery\.com/i },
  { vendor: 'human', signal: 'px-captcha', scope: 'on-thin', pattern: /id=["']?px-captcha\b|captcha\.px-cdn\.net/i },
  // Good pages of protected sites set _pxAppId as well.
  { vendor: 'human', signal: '_pxAppId', scope: 'on-error', pattern: /window\._pxAppId\s*=/ },
  {
    vendor: 'human',
    signal: 'access-denied',
    scope: 'on-thin',
    pattern: /Access to this page has been (blocked|denied)/i,
  },
  // Akamai writes the line with numeric character references.
  {
    vendor: 'akamai',
    signal: 'reference-number',
    scope: 'on-error',
    pattern: /Reference(&#32;|\s)+(&#35;|#)\d+(?:(?:&#46;|\.)[0-9a-f]+){2,3}/i,
  },
  {
    vendor: 'akamai',
    signal: 'bm-verify',
    scope: 'on-thin',
    pattern: /bm-verify=|\/_sec\/cp_challenge\/|sec-if-cpt-container/,
  },
  { vendor: 'imperva', signal: 'incident-id', scope: 'on-thin', pattern: /Incapsula incident ID/i },
  // Good pages load /_Incapsula_Resource?SWJIYLWA=…; the block page is nothing but a frame of it.
  { vendor: 'imperva', signal: '_Incapsula_Resource', scope: 'on-thin', pattern: /_Incapsula_Resource/ },
  // Distil's page, now Imperva's.
  { vendor: 'imperva', signal: 'pardon-our-interruption', scope: 'on-thin', pattern: /Pardon Our Interruption/i },
  { vendor: 'kasada', signal: 'kpsdk', scope: 'on-thin', pattern: /window\.KPSDK\s*=|\bKPSDK\.\w/ },
  {
    vendor: 'sucuri',
    signal: 'firewall-title',
    scope: 'on-thin',
    pattern: /<title>\s*Sucuri WebSite Firewall|sucuri_cloudproxy_js/i,
  },
  {
    vendor: 'google',
    signal: 'unusual-traffic',
    scope: 'on-thin',
    pattern: /id=["']?infoDiv0\b|Our systems have detected unusual traffic from your computer network/i,
  },
  { vendor: 'amazon', signal: 'validate-captcha', scope: 'on-thin', pattern: /\/errors\/validateCaptcha\b/ },
  { vendor: 'aws-waf', signal: 'goku-props', scope: 'on-thin', pattern: /window\.gokuProps\s*=/ },
  {
    vendor: 'f5',
    signal: 'url-rejected',
    scope: 'on-thin',
    pattern: /The requested URL was rejected\. Please consult with your administrator/i,
  },
  {
    vendor: 'vercel',
    signal: 'security-checkpoint',
    scope: 'on-thin',
    pattern: /<title>\s*Vercel Security Checkpoint/i,
  },
  { vendor: 'anubis', signal: 'anubis-challenge', scope: 'on-thin', pattern: /id=["']?anubis_challenge\b/ },
  { vendor: 'ddos-guard', signal: 'ddos-guard-title', scope: 'on-thin', pattern: /<title>\s*DDoS-Guard\s*<\/title>/i },
  {
    vendor: 'generic',
    signal: 'human-check',
    scope: 'on-thin',
    pattern:
      /(verify|confirm|prove)( that)? you( are|'re|’re) (a )?(human|not a (ro)?bot)|are you a robot\?|unusual traffic from your (computer )?network/i,
  },
];

/**
 * Widgets of captcha services. Forms of good pages carry them too, so `detectBlock` looks for such a form; and whole sites load the script
 * on every page to score their visitors, so on a page with a good status only the visible element counts.
 */
export const captchaWidgets = [
  {
    signal: 'recaptcha',
    element: /class=["'][^"']{0,200}\bg-recaptcha\b/i,
    script: /\/recaptcha\/(api|enterprise)\.js/i,
  },
  { signal: 'hcaptcha', element: /class=["'][^"']{0,200}\bh-captcha\b/i, script: /hcaptcha\.com\/1\/api\.js/i },
  {
    signal: 'turnstile',
    element: /class=["'][^"']{0,200}\bcf-turnstile\b/i,
    script: /challenges\.cloudflare\.com\/turnstile/i,
  },
] as const;
