import type { BrowserContextOptions } from 'playwright-core';
import { brandsOf } from '../header-profiles';

type DeviceType = 'desktop' | 'mobile';

/** The device that a page sees. */
export interface DeviceProfile {
  readonly context: BrowserContextOptions;
  /** Parameters of CDP's `Emulation.setUserAgentOverride`. */
  readonly userAgent: UserAgentOverride;
}

interface UserAgentOverride {
  userAgent: string;
  acceptLanguage: string;
  platform: string;
  userAgentMetadata: {
    brands: BrandVersion[];
    fullVersionList: BrandVersion[];
    platform: string;
    platformVersion: string;
    architecture: string;
    bitness: string;
    model: string;
    mobile: boolean;
  };
}

interface BrandVersion {
  brand: string;
  version: string;
}

/** User agent, reduced as in Chrome (https://www.chromium.org/updates/ua-reduction/). */
export function userAgentOf(deviceType: DeviceType, major: number): string {
  const [system, mobile] =
    deviceType === 'mobile' ? ['Linux; Android 10; K', 'Mobile '] : ['Windows NT 10.0; Win64; x64', ''];
  return `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${major}.0.0.0 ${mobile}Safari/537.36`;
}

/**
 * Creates the profile with the real version of the browser, because scripts can tell it by the features of the engine; user agent, client
 * hints and `navigator` follow from it.
 * @param version version of the browser, as in `156.0.8078.79`
 */
export function deviceProfile(deviceType: DeviceType, version: string): DeviceProfile {
  const major = Number.parseInt(version, 10);
  const isMobile = deviceType === 'mobile';
  const brands = [...brandsOf(major).matchAll(/"([^"]*)";v="([^"]*)"/g)].map(([, brand = '', number = '']) => ({
    brand,
    version: number,
  }));
  return {
    context: isMobile
      ? {
          viewport: { width: 412, height: 784 },
          screen: { width: 412, height: 915 },
          deviceScaleFactor: 2.625,
          isMobile,
          hasTouch: true,
        }
      : { viewport: { width: 1440, height: 789 }, screen: { width: 1440, height: 900 } },
    userAgent: {
      userAgent: userAgentOf(deviceType, major),
      acceptLanguage: 'en-US,en', // Chromium adds the q values
      platform: isMobile ? 'Linux armv81' : 'Win32',
      userAgentMetadata: {
        brands,
        fullVersionList: brands.map(({ brand, version: number }) => ({
          brand,
          version: number === String(major) ? version : `${number}.0.0.0`,
        })),
        ...(isMobile
          ? { platform: 'Android', platformVersion: '14.0.0', architecture: '', bitness: '', model: 'Pixel 8' }
          : { platform: 'Windows', platformVersion: '19.0.0', architecture: 'x86', bitness: '64', model: '' }),
        mobile: isMobile,
      },
    },
  };
}
