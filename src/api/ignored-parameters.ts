import type { Request, Response } from 'express';

/** Ways to send the key. */
const KEY_NAMES = ['apiKey', 'api_key'];

/** Unknown parameters are not an error, but a typo should not go unseen either: they are named in the answer. */
export function nameIgnored(res: Response, names: readonly string[]): void {
  if (names.length > 0) res.set('X-Ignored-Parameters', headerList(names));
}

/** What a request has in its query or body that nobody looks at. */
export function unknownParameters(
  req: Request,
  known: { readonly query?: readonly string[]; readonly body?: readonly string[] },
): string[] {
  const body: unknown = req.body;
  const isKnown = (names: readonly string[] = []) => new Set([...names, ...KEY_NAMES]);
  const inQuery = isKnown(known.query);
  const inBody = isKnown(known.body);
  const names = [
    ...Object.keys(req.query).filter((name) => !inQuery.has(name)),
    ...(typeof body === 'object' && body !== null ? Object.keys(body).filter((name) => !inBody.has(name)) : []),
  ];
  return [...new Set(names)];
}

/** Header values are ASCII here: a field name may be anything. */
const headerList = (names: readonly string[]): string =>
  names
    .slice(0, 50)
    .map((name) => encodeURIComponent(name.slice(0, 100).replace(/\p{Surrogate}/gu, '')))
    .join(', ');
