import { parse } from 'tldts';
import type { z } from 'zod';
import type { ApiParams } from './api-params';
import { pathOf } from './check-request';
import { needsBrowser } from './needs-browser';
import type { ProblemDetail } from './error-codes';
import { PriceTable, defaultPriceTable, siteColumns } from './price-table';
import type { PriceColumn, PriceRow } from './price-table';

export interface PriceList {
  /**
   * Credits of one successful request, always a positive integer.
   * @param url a URL for which `urlProblem` returns undefined
   * @throws TypeError when it is not a URL
   */
  readonly priceOf: (url: string, params: ApiParams) => number;
}

/** The owner's price table cannot be used. Lists all of its problems. */
export class PriceTableError extends Error {
  override readonly name = 'PriceTableError';
  readonly problems: readonly ProblemDetail[];

  constructor(problems: readonly ProblemDetail[], options?: ErrorOptions) {
    super(problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('\n'), options);
    this.problems = problems;
  }
}

/** Credits on top of the price when a bot challenge had to be passed. */
export const CHALLENGE_SURCHARGE = 10;

/** Hosts whose column is cached. The cache is cleared when it is full; most batches have only a few hosts. */
const MAX_CACHED_HOSTS = 1_000;

/** Prices requests by a table. The column of a host is cached, because one submission prices up to 50,000 URLs. */
export function createPriceList(table: PriceTable = defaultPriceTable): PriceList {
  const columnOfName = new Map<string, PriceColumn>(
    siteColumns.flatMap((column) => table.domains[column].map((name) => [name, column] as const)),
  );
  const cache = new Map<string, PriceColumn>();

  function columnOf(host: string): PriceColumn {
    const known = cache.get(host);
    if (known !== undefined) return known;
    const name = registrableName(host);
    const column = (name === undefined ? undefined : columnOfName.get(name)) ?? 'ordinary';
    if (cache.size >= MAX_CACHED_HOSTS) cache.clear();
    cache.set(host, column);
    return column;
  }

  return { priceOf: (url, params) => table.prices[rowOf(params)][columnOf(new URL(url).hostname)] };
}

/**
 * Parses the text of the owner's price table.
 * @throws PriceTableError that names the path of each problem
 */
export function parsePriceTable(jsonText: string): PriceTable {
  let value: unknown;
  try {
    // Some editors begin a file with a byte order mark, which JSON.parse refuses.
    value = JSON.parse(jsonText.replace(/^\uFEFF/, ''));
  } catch (error) {
    const reason = error instanceof SyntaxError ? `: ${error.message}` : '';
    throw new PriceTableError([{ path: '', message: `is not valid JSON${reason}` }], { cause: error });
  }
  const parsed = PriceTable.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new PriceTableError(parsed.error.issues.flatMap(problemsOf));
}

/** Zod reports unknown keys at their parent, but the message should name the path of the key itself. */
const problemsOf = (issue: z.core.$ZodIssue): ProblemDetail[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({ path: pathOf([...issue.path, key]), message: 'is not known' }))
    : [{ path: pathOf(issue.path), message: issue.message }];

/**
 * Registrable name without its suffix, such as `amazon` for `www.amazon.co.uk`. Returns undefined for IP addresses and below private
 * suffixes (`amazon.github.io`).
 */
function registrableName(host: string): string | undefined {
  const found = parse(host.replace(/\.$/, ''), {
    allowPrivateDomains: true,
    extractHostname: false,
    // WHATWG URLs may hold characters that DNS names may not (such as `_`); they belong to the same site.
    validateHostname: false,
  });
  // Only suffixes of registries count: with private suffixes, `amazon` would also be the name of amazon.github.io.
  return found.isIcann === true ? (found.domainWithoutSuffix ?? undefined) : undefined;
}

/** When both tiers are set, which no submission may do, the more expensive one counts. */
function rowOf(params: ApiParams): PriceRow {
  const tier = params.ultra_premium === true ? 'ultra_premium' : params.premium === true ? 'premium' : undefined;
  if (!needsBrowser(params)) return tier ?? 'none';
  return tier === undefined ? 'render' : `${tier}+render`;
}
