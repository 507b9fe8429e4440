import { z } from 'zod';

const priceRows = ['none', 'render', 'premium', 'premium+render', 'ultra_premium', 'ultra_premium+render'] as const;
export type PriceRow = (typeof priceRows)[number];

/** Columns of the sites that they list; every other site is `ordinary`. */
export const siteColumns = ['ecommerce', 'search', 'linkedin'] as const;
type SiteColumn = (typeof siteColumns)[number];

const priceColumns = ['ordinary', ...siteColumns] as const;
export type PriceColumn = (typeof priceColumns)[number];

/** Credits of a request: the row follows from its parameters, the column from its site. */
export interface PriceTable {
  readonly prices: Readonly<Record<PriceRow, Readonly<Record<PriceColumn, number>>>>;
  /** Names without their public suffix: `amazon` stands for amazon.com, www.amazon.co.uk and so on. */
  readonly domains: Readonly<Record<SiteColumn, readonly string[]>>;
}

/** Prices that existing ScraperAPI customers know; `render` is also the row of a screenshot. */
export const defaultPriceTable: PriceTable = {
  prices: {
    none: { ordinary: 1, ecommerce: 5, search: 25, linkedin: 30 },
    render: { ordinary: 10, ecommerce: 15, search: 35, linkedin: 40 },
    premium: { ordinary: 10, ecommerce: 10, search: 35, linkedin: 40 },
    'premium+render': { ordinary: 25, ecommerce: 25, search: 45, linkedin: 50 },
    ultra_premium: { ordinary: 30, ecommerce: 30, search: 55, linkedin: 60 },
    'ultra_premium+render': { ordinary: 75, ecommerce: 75, search: 75, linkedin: 75 },
  },
  domains: {
    ecommerce: ['amazon', 'walmart', 'ebay'],
    search: ['google', 'bing'],
    linkedin: ['linkedin'],
  },
};

/** Prices are stored as 32-bit integers, and summed over batches of 50,000 URLs. */
const MAX_PRICE = 1_000_000;

const priceError = `must be an integer from 1 to ${MAX_PRICE}`;
const price = z.int({ error: priceError }).min(1, priceError).max(MAX_PRICE, priceError);

const domainError = 'must be a lower-case name without its suffix, such as "amazon"';
const domain = z.string({ error: domainError }).regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, domainError);

/** Makes a schema with only optional keys. Unknown keys are errors, because a typo would go unnoticed otherwise. */
function overrideOf<K extends string, S extends z.ZodType>(keys: readonly K[], schema: S) {
  const shape = Object.fromEntries(keys.map((key) => [key, schema.optional()])) as Record<K, z.ZodOptional<S>>;
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'invalid_type' ? 'must be a JSON object' : undefined),
  });
}

const PriceOverride = z.strictObject(
  {
    prices: overrideOf(priceRows, overrideOf(priceColumns, price)).optional(),
    domains: overrideOf(siteColumns, z.array(domain, { error: 'must be a list of names' })).optional(),
  },
  { error: (issue) => (issue.code === 'invalid_type' ? 'must be a JSON object' : undefined) },
);

/**
 * The owner's table: any part of `prices` and `domains`, merged over the defaults. A list of domains replaces the
 * default list of its column, so that sites can also be removed.
 */
export const PriceTable = PriceOverride.transform((override, context): PriceTable => {
  const table = merged(override);
  const columnOf = new Map<string, SiteColumn>();
  for (const column of siteColumns) {
    table.domains[column].forEach((name, index) => {
      const other = columnOf.get(name);
      if (other !== undefined && other !== column) {
        const message = `"${name}" is also in domains.${other}; a site has one column`;
        context.addIssue({ code: 'custom', path: ['domains', column, index], message });
      }
      columnOf.set(name, column);
    });
  }
  return table;
});

function merged(override: z.output<typeof PriceOverride>): PriceTable {
  const { prices, domains } = defaultPriceTable;
  const rows = priceRows.map((row) => [row, withDefaults(override.prices?.[row], prices[row])] as const);
  return {
    prices: { ...prices, ...Object.fromEntries(rows) },
    domains: withDefaults(override.domains, domains),
  };
}

function withDefaults<T extends object>(override: { readonly [K in keyof T]?: T[K] | undefined } = {}, defaults: T): T {
  const given = Object.entries(override).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}
