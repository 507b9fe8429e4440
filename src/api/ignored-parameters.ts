import type { Request, Response } from 'express';

/** Parameters that hold the API key, which every route knows. */
const KEY_NAMES = ['apiKey', 'api_key'];

/** Names ignored parameters in a header of the answer. They are not errors, but naming them helps to find typos. */
export function nameIgnored(res: Response, names: readonly string[]): void {
  if (names.length > 0) res.set('X-Ignored-Parameters', headerList(names));
}

/** Names of the parameters in query and body that the route does not know. */
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

/** Encodes the names, because header values have to be ASCII and a field name may be anything. */
const headerList = (names: readonly string[]): string =>
  names
    .slice(0, 50)
    .map((name) => encodeURIComponent(name.slice(0, 100).replace(/\p{Surrogate}/gu, '')))
    .join(', ');
