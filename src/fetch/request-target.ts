/**
 * The request target of a URL: path and query byte for byte as the URL Standard's serializer gives them (§4.5), without the
 * fragment. `pathname + search` would lose the `?` of an empty query.
 */
export function requestTarget(url: URL): string {
  const { pathname, search } = url;
  if (search !== '') return pathname + search;
  const [beforeFragment = ''] = url.href.split('#', 1);
  return beforeFragment.endsWith('?') ? `${pathname}?` : pathname;
}

/**
 * Writes a URL as the URL Standard does today: its path percent-encode set (§1.3) has had `^` since 2024, which Node 20 leaves as it is.
 * Changes and returns `url`.
 */
export function standardUrl(url: URL): URL {
  if (url.pathname.includes('^')) url.pathname = url.pathname.replaceAll('^', '%5E');
  return url;
}
