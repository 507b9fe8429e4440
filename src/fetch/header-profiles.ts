import type { HeaderProfileName } from './engines/engine';

export interface HeaderProfile {
  /** Headers in the order in which they are sent. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The header before which this browser puts credentials and cookies. @default at the end */
  readonly hostHeadersBefore?: string;
}

/** The stable version when the profiles were last reviewed. It is one number, so that user agent and client hints cannot contradict each other. */
const CHROME_MAJOR = 151;
/** The newest version whose TLS the `impersonate` engine can imitate (impit 0.14), so that both engines are the same browser. */
const FIREFOX_MAJOR = 144;

/**
 * Browsers also name zstd, which is left out: Node 20 cannot decode it, and later versions stop after its first frame without an error
 * (22.23 and 24.21).
 */
const CODINGS = 'gzip, deflate, br';

/** Codings for plain HTTP, where browsers name only those that the proxies of the nineties know (Chrome url_request_http_job.cc, Firefox `network.http.accept-encoding`). */
export const CLEAR_CODINGS = 'gzip, deflate';

/**
 * What Chrome sends over HTTP/1.1 for an address typed into the address bar, in its order. undici puts `host` and `connection` before.
 * Sources: order and `accept` as Chrome writes them (net/http, content/browser/loader); Fetch Metadata as in W3C Fetch Metadata §2 for a
 * navigation by the user; user agent reduced as in "User-Agent Reduction" (https://www.chromium.org/updates/ua-reduction/).
 * Two deviations, because the answer has to be read: no signed exchange in `accept`, no zstd in `accept-encoding`.
 */
export const headerProfiles = {
  desktop: chromeProfile({
    platform: '"Windows"',
    isMobile: '?0',
    userAgent: `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${CHROME_MAJOR}.0.0.0 Safari/537.36`,
  }),
  mobile: chromeProfile({
    platform: '"Android"',
    isMobile: '?1',
    userAgent: `Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${CHROME_MAJOR}.0.0.0 Mobile Safari/537.36`,
  }),
} as const satisfies Record<'desktop' | 'mobile', HeaderProfile>;

/**
 * What Firefox sends for the same, without client hints. Sources: order as in netwerk/protocol/http (nsHttpHandler::AddStandardRequestHeaders, then what
 * is added for the channel) and in the captures of curl-impersonate (`firefox144`); `accept` without images since Firefox 132 (bug 1917177);
 * user agents as in https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/User-Agent/Firefox.
 */
export const firefoxProfiles = {
  desktop: firefoxProfile(
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:${FIREFOX_MAJOR}.0) Gecko/20100101 Firefox/${FIREFOX_MAJOR}.0`,
  ),
  mobile: firefoxProfile(
    `Mozilla/5.0 (Android 15; Mobile; rv:${FIREFOX_MAJOR}.0) Gecko/${FIREFOX_MAJOR}.0 Firefox/${FIREFOX_MAJOR}.0`,
  ),
} as const satisfies Record<'desktop' | 'mobile', HeaderProfile>;

export function headerProfileOf(name: HeaderProfileName, deviceType: 'desktop' | 'mobile'): HeaderProfile {
  return (name === 'firefox' ? firefoxProfiles : headerProfiles)[deviceType];
}

function chromeProfile(device: {
  readonly platform: string;
  readonly isMobile: string;
  readonly userAgent: string;
}): HeaderProfile {
  return {
    headers: [
      ['sec-ch-ua', brandsOf(CHROME_MAJOR)],
      ['sec-ch-ua-mobile', device.isMobile],
      ['sec-ch-ua-platform', device.platform],
      ['Upgrade-Insecure-Requests', '1'],
      ['User-Agent', device.userAgent],
      ['Accept', 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8'],
      ['Sec-Fetch-Site', 'none'],
      ['Sec-Fetch-Mode', 'navigate'],
      ['Sec-Fetch-User', '?1'],
      ['Sec-Fetch-Dest', 'document'],
      ['Accept-Encoding', CODINGS],
      ['Accept-Language', 'en-US,en;q=0.9'],
    ],
  };
}

function firefoxProfile(userAgent: string): HeaderProfile {
  return {
    headers: [
      ['User-Agent', userAgent],
      ['Accept', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
      ['Accept-Language', 'en-US,en;q=0.5'],
      ['Accept-Encoding', CODINGS],
      ['Upgrade-Insecure-Requests', '1'],
      ['Sec-Fetch-Dest', 'document'],
      ['Sec-Fetch-Mode', 'navigate'],
      ['Sec-Fetch-Site', 'none'],
      ['Sec-Fetch-User', '?1'],
      ['Priority', 'u=0, i'],
    ],
    hostHeadersBefore: 'Upgrade-Insecure-Requests',
  };
}

/**
 * The brand list follows from the version: Chromium seeds its made-up brand and the order with it
 * (components/embedder_support/user_agent_utils.cc, GetGreasedUserAgentBrandVersion). A list that does not fit its version gives a client away.
 */
export function brandsOf(major: number): string {
  const characters = [' ', '(', ':', '-', '.', '/', ')', ';', '=', '?', '_'] as const;
  const versions = ['8', '99', '24'] as const;
  const orders = ['gcb', 'gbc', 'cgb', 'bgc', 'cbg', 'bcg'] as const; // These are the orders of grease, Chromium and brand.
  const [first, second] = [characters[major % 11], characters[(major + 1) % 11]];
  const brands: Readonly<Record<string, string>> = {
    g: `"Not${first}A${second}Brand";v="${versions[major % 3]}"`,
    c: `"Chromium";v="${major}"`,
    b: `"Google Chrome";v="${major}"`,
  };
  return [...(orders[major % 6] ?? 'gcb')].map((letter) => brands[letter]).join(', ');
}
