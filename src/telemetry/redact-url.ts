/** Beginning of a URL as parsers accept it: they skip blanks and control characters, and take `\` and any number of slashes for `//`. */
// eslint-disable-next-line no-control-regex
const CREDENTIALS = /^([\u0000-\u0020]*[a-z][a-z0-9+.-]*:[\\/]*)[^\\/?#]*@/i;

/** Shown in place of a text that is no URL, because it may hold a password. */
const NO_URL = '[not a URL]';

/** Replaces user and password of a URL by `***`, and leaves the rest as it was written. */
export function redactUrl(url: string): string {
  const parsed = parse(url);
  // `user:password@host` is a URL as well, with the scheme `user`.
  if (parsed === undefined || parsed.host === '') return NO_URL;
  if (parsed.username === '' && parsed.password === '') return url;
  parsed.username = '***';
  parsed.password = '';
  const redacted = url.replace(CREDENTIALS, '$1***@');
  // A URL that is spelled in a way that only a parser understands is shown in the parser's spelling.
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
