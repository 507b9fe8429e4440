function parsed(url: string): URL | undefined {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}

/** The host name of a URL, as the service names hosts; undefined for what is no URL. */
export const hostOf = (url: string): string | undefined => parsed(url)?.hostname;

/** Scheme, host and port of a URL; undefined for what is no URL. */
export const originOf = (url: string): string | undefined => parsed(url)?.origin;
