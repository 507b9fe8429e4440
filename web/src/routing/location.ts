/** What the hash of the address says: the place, and the state of the view. */
export interface Location {
  /** Parts of the path, decoded: `#/batches/ID` is `['batches', 'ID']`, and the overview is `[]`. */
  readonly path: readonly string[];
  /** State of the view: filters, tabs, cursors. Empty values are never kept. */
  readonly query: Readonly<Record<string, string>>;
}

/** Values of a query that is being written. Those that are undefined or empty are left out. */
export type QueryValues = Readonly<Record<string, string | number | undefined>>;

/** Decodes a part of a path. What is not properly encoded is taken as it is, because people edit addresses. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Reads a hash such as `#/batches?status=running`. Anything is accepted; what makes no sense is the overview. */
export function parseLocation(hash: string): Location {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split(/\?(.*)/s);
  return {
    path: path
      .split('/')
      .filter((part) => part !== '')
      .map(decoded),
    query: Object.fromEntries([...new URLSearchParams(query)].filter(([, value]) => value !== '')),
  };
}

/** The address of a place, for `href`. */
export function hrefOf(path: readonly string[], query: QueryValues = {}): string {
  const values = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  const search = new URLSearchParams(values).toString();
  return `#/${path.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`;
}

/** The same place with other values in its query. A value of undefined takes the name away. */
export const hrefWith = ({ path, query }: Location, changes: QueryValues): string =>
  hrefOf(path, { ...query, ...changes });
