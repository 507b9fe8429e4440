import type { Response } from 'express';

/**
 * Names ignored parameters in a header of the answer. On the routes that are ScraperAPI's they are not errors, but naming them helps
 * to find typos.
 */
export function nameIgnored(res: Response, names: readonly string[]): void {
  if (names.length > 0) res.set('X-Ignored-Parameters', headerList(names));
}

/** Encodes the names, because header values have to be ASCII and a field name may be anything. */
const headerList = (names: readonly string[]): string =>
  names
    .slice(0, 50)
    .map((name) => encodeURIComponent(name.slice(0, 100).replace(/\p{Surrogate}/gu, '')))
    .join(', ');
