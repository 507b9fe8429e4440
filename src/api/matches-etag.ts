/** RFC 9110 §13.1.2, weak comparison. Not Express' own: it looks at Cache-Control, which tells caches and not the origin. */
export const matchesEtag = (header: string | undefined, etag: string): boolean =>
  (header ?? '').split(',').some((each) => each.trim() === '*' || each.trim().replace(/^W\//, '') === etag);
