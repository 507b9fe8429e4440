import type { Request, Response } from 'express';

/**
 * Names the next page in the header `Link`. Its path leaves out the API key, because addresses are stored in more places than
 * headers.
 * @param names parameters of the query that the next page needs
 */
export function linkNextPage(req: Request, res: Response, names: readonly string[], cursor: string | undefined): void {
  if (cursor === undefined) return;
  const next = new URLSearchParams();
  for (const name of names.filter((each) => each !== 'cursor'))
    for (const value of [req.query[name]].flat()) if (typeof value === 'string') next.append(name, value);
  next.set('cursor', cursor);
  res.set('Link', `<${req.path}?${next.toString()}>; rel="next"`);
}
