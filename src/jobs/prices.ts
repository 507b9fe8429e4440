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
   * @param url a URL that `urlProblem` has nothing against
   * @throws TypeError when it is no URL at all
   */
  readonly priceOf: (url: string, params: ApiParams) => number;
}

/** Every problem of an owner's table at once. */
export class PriceTableError extends Error {
  override readonly name = 'PriceTableError';
  readonly problems: readonly ProblemDetail[];

  constructor(problems: readonly ProblemDetail[], options?: ErrorOptions) {
    super(problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('\n'), options);
    this.problems = problems;
  }
}

/** Credits beside the price when a protection's challenge had to be passed. */
export const CHALLENGE_SURCHARGE = 10;

/** A batch is mostly a few hosts; beyond this many the cache starts anew. */
const MAX_CACHED_HOSTS = 1_000;

/** Prices by a table. Looks a host's column up once in a while only, because a submission prices up to 50,000 URLs. */
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
 * The owner's table from the text of its file.
 * @throws PriceTableError naming the path of everything that is wrong
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

/** Zod reports unknown keys at their parent; the owner looks for the key itself. */
const problemsOf = (issue: z.core.$ZodIssue): ProblemDetail[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({ path: pathOf([...issue.path, key]), message: 'is not known' }))
    : [{ path: pathOf(issue.path), message: issue.message }];

/** `amazon` of `www.amazon.co.uk`. Undefined for addresses, and below suffixes that strangers rent out (`amazon.github.io`). */
function registrableName(host: string): string | undefined {
  const found = parse(host.replace(/\.$/, ''), {
    allowPrivateDomains: true,
    extractHostname: false,
    // WHATWG URL lets through what DNS names may not hold; the site is the same.
    validateHostname: false,
  });
  // With private suffixes allowed, `amazon` is also the name of amazon.github.io: only registries' own suffixes count.
  return found.isIcann === true ? (found.domainWithoutSuffix ?? undefined) : undefined;
}

/** Of both tiers, which no submission may ask for, the dearer one. */
function rowOf(params: ApiParams): PriceRow {
  const tier = params.ultra_premium === true ? 'ultra_premium' : params.premium === true ? 'premium' : undefined;
  if (!needsBrowser(params)) return tier ?? 'none';
  return tier === undefined ? 'render' : `${tier}+render`;
}
