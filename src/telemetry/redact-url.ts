/** A URL parser drops what stands before a scheme, and takes `\` and any number of slashes for the two. */
// eslint-disable-next-line no-control-regex
const CREDENTIALS = /^([\u0000-\u0020]*[a-z][a-z0-9+.-]*:[\\/]*)[^\\/?#]*@/i;

/** What is shown in place of a text that is no URL: whatever it is, it may hold a password. */
const NO_URL = '[not a URL]';

/** The URL as it was written, but user and password are `***`. */
export function redactUrl(url: string): string {
  const parsed = parse(url);
  // `user:password@host` is a URL as well, with the scheme `user`.
  if (parsed === undefined || parsed.host === '') return NO_URL;
  if (parsed.username === '' && parsed.password === '') return url;
  parsed.username = '***';
  parsed.password = '';
  const redacted = url.replace(CREDENTIALS, '$1***@');
  // Where the text is written in a way that only a parser understands, its own spelling is shown.
  return parse(redacted)?.href === parsed.href ? redacted : parsed.href;
}

/** `URL.canParse` is not used because it fails on Node 20 once it is hot (see net/parse-url). */
function parse(url: string): URL | undefined {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}
