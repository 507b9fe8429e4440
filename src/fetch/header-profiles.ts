export interface HeaderProfile {
  /** In the order of the wire. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Stable channel when the profiles were last reviewed; one number, so that user agent and client hints cannot contradict each other. */
const CHROME_MAJOR = 151;

/**
 * What Chrome sends over HTTP/1.1 for an address typed into the address bar, in its order. `host` and `connection` come before, from undici.
 * Sources: order and `accept` as Chrome writes them (net/http, content/browser/loader); Fetch Metadata as in W3C Fetch Metadata §2 for a
 * navigation by the user; user agent reduced as in "User-Agent Reduction" (https://www.chromium.org/updates/ua-reduction/).
 * Two deviations, both because the answer has to be read: no zstd, which Node 20 cannot undo, and no signed exchange in `accept`.
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
      ['Accept-Encoding', 'gzip, deflate, br'],
      ['Accept-Language', 'en-US,en;q=0.9'],
    ],
  };
}

/**
 * The brand list follows from the version: Chromium seeds its made-up brand and the order with it
 * (components/embedder_support/user_agent_utils.cc, GetGreasedUserAgentBrandVersion). A list that does not fit its version gives a client away.
 */
export function brandsOf(major: number): string {
  const characters = [' ', '(', ':', '-', '.', '/', ')', ';', '=', '?', '_'] as const;
  const versions = ['8', '99', '24'] as const;
  const orders = ['gcb', 'gbc', 'cgb', 'bgc', 'cbg', 'bcg'] as const; // which of grease, Chromium and brand stands where
  const [first, second] = [characters[major % 11], characters[(major + 1) % 11]];
  const brands: Readonly<Record<string, string>> = {
    g: `"Not${first}A${second}Brand";v="${versions[major % 3]}"`,
    c: `"Chromium";v="${major}"`,
    b: `"Google Chrome";v="${major}"`,
  };
  return [...(orders[major % 6] ?? 'gcb')].map((letter) => brands[letter]).join(', ');
}
