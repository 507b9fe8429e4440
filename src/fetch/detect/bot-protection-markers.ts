import { AS_SERVED, CRAWL4AI, CRAWLEE } from './block-markers';
import type { TextMarker } from './block-markers';

/** Block pages of the services that most protected sites use. */
export const botProtectionMarkers: readonly TextMarker[] = [
  // `/cdn-cgi/challenge-platform/` alone is on good pages (jsd/main.js); only a challenge loads `orchestrate` and sets `_cf_chl_opt`.
  {
    vendor: 'cloudflare',
    signal: 'challenge-platform/orchestrate',
    scope: 'anywhere',
    confidence: 'certain',
    source: CRAWL4AI,
    literal: 'challenge-platform/',
    // The pattern asks for a script, because an article may name the path in its text.
    pattern: /\bsrc\s*=\s*["']?\/cdn-cgi\/challenge-platform\/[^'"\s<>]{0,200}orchestrate\//,
  },
  {
    vendor: 'cloudflare',
    signal: '_cf_chl_opt',
    scope: 'anywhere',
    confidence: 'certain',
    source: AS_SERVED,
    literal: 'window._cf_chl_opt',
    pattern: /<script[^<>]{0,200}>[^<]{0,200}window\._cf_chl_opt\s*=/,
  },
  {
    vendor: 'cloudflare',
    signal: '__cf_chl_f_tk',
    scope: 'on-thin',
    confidence: 'certain',
    source: CRAWL4AI,
    pattern: /__cf_chl_(f_)?tk/,
  },
  {
    vendor: 'cloudflare',
    signal: 'just-a-moment',
    scope: 'on-thin',
    confidence: 'likely',
    source: CRAWL4AI,
    pattern: /<title>\s*Just a moment(\.\.\.|…)/i,
  },
  {
    vendor: 'cloudflare',
    signal: 'attention-required',
    scope: 'on-thin',
    confidence: 'certain',
    source: AS_SERVED,
    pattern: /<title>\s*Attention Required!\s*\|\s*Cloudflare/i,
  },
  // Errors 1006 to 1020 are refusals; the 52x pages of the same template are the origin's trouble, and 1015 is a rate limit.
  {
    vendor: 'cloudflare',
    signal: 'cf-error-code',
    scope: 'on-error',
    confidence: 'certain',
    source: 'https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-1xxx-errors/',
    pattern: /cf-error-code[^<>]{0,100}>\s*10(0[5-9]|1[0-4]|20)\b/,
  },
  // A content security policy of a good page may name captcha-delivery.com, hence the markup.
  {
    vendor: 'datadome',
    signal: 'captcha-delivery.com',
    scope: 'anywhere',
    confidence: 'certain',
    source: CRAWL4AI,
    literal: 'captcha-delivery.com',
    pattern:
      /<(script|iframe)\b[^<>]{1,500}?src=["']?[^"'\s<>]{0,200}captcha-delivery\.com|<script\b[^<]{1,1000}['"]host['"]\s*:\s*['"][a-z.-]{0,100}captcha-delivery\.com/i,
  },
  {
    vendor: 'datadome',
    signal: 'captcha-delivery.com',
    scope: 'on-error',
    confidence: 'likely',
    source: CRAWL4AI,
    pattern: /captcha-delivery\.com/i,
  },
  {
    vendor: 'human',
    signal: 'px-captcha',
    scope: 'on-thin',
    confidence: 'certain',
    source: CRAWL4AI,
    pattern: /id=["']?px-captcha\b|captcha\.px-cdn\.net/i,
  },
  // Good pages of protected sites set _pxAppId as well.
  {
    vendor: 'human',
    signal: '_pxAppId',
    scope: 'on-error',
    confidence: 'certain',
    source: CRAWL4AI,
    pattern: /window\._pxAppId\s*=/,
  },
  {
    vendor: 'human',
    signal: 'access-denied',
    scope: 'on-thin',
    confidence: 'likely',
    source: CRAWL4AI,
    pattern: />\s*Access to this page has been (blocked|denied)/i,
  },
  // Akamai writes the line with numeric character references.
  {
    vendor: 'akamai',
    signal: 'reference-number',
    scope: 'on-error',
    confidence: 'certain',
    source: CRAWL4AI,
    pattern: /Reference(&#32;|\s)+(&#35;|#)\d+(?:(?:&#46;|\.)[0-9a-f]+){2,3}/i,
  },
  {
    vendor: 'akamai',
    signal: 'bm-verify',
    scope: 'on-thin',
    confidence: 'certain',
    source: AS_SERVED,
    pattern: /bm-verify=|\/_sec\/cp_challenge\/|sec-if-cpt-container/,
  },
  {
    vendor: 'imperva',
    signal: 'incident-id',
    scope: 'on-thin',
    confidence: 'certain',
    source: CRAWL4AI,
    pattern: /Incapsula incident ID/i,
  },
  // Good pages load /_Incapsula_Resource?SWJIYLWA=… too. The block page is a frame with it, the challenge a page with `noindex`.
  {
    vendor: 'imperva',
    signal: '_Incapsula_Resource',
    scope: 'on-thin',
    confidence: 'certain',
    source: CRAWLEE,
    pattern:
      /<iframe\b[^<>]{1,500}\/_Incapsula_Resource|noindex,\s?nofollow["'][^]{0,1000}<script\b[^<>]{1,200}\/_Incapsula_Resource/i,
  },
  {
    vendor: 'imperva',
    signal: '_Incapsula_Resource',
    scope: 'on-error',
    confidence: 'certain',
    source: CRAWLEE,
    pattern: /_Incapsula_Resource/,
  },
  // The page of Distil, which now belongs to Imperva.
  {
    vendor: 'imperva',
    signal: 'pardon-our-interruption',
    scope: 'on-thin',
    confidence: 'likely',
    source: CRAWL4AI,
    pattern: /<(title|h1)\b[^<>]{0,200}>\s*Pardon Our Interruption/i,
  },
  {
    vendor: 'kasada',
    signal: 'kpsdk',
    scope: 'on-thin',
    confidence: 'certain',
    source: CRAWL4AI,
    pattern: /window\.KPSDK\s*=\s*\{\}|\/ips\.js\?[^"'<>]{0,200}(KP_UIDz|x-kpsdk-)/,
  },
  // Good pages call KPSDK.configure().
  {
    vendor: 'kasada',
    signal: 'kpsdk',
    scope: 'on-error',
    confidence: 'certain',
    source: CRAWL4AI,
    pattern: /\bKPSDK\.\w/,
  },
  {
    vendor: 'sucuri',
    signal: 'firewall-title',
    scope: 'on-thin',
    confidence: 'certain',
    source: CRAWL4AI,
    pattern: /<title>\s*Sucuri WebSite Firewall|sucuri_cloudproxy_js/i,
  },
];
