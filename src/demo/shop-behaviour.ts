/** Reaction of the shop to one visit of a product page. */
export type ShopBehaviour =
  | { readonly kind: 'page'; readonly delayMs: number }
  | { readonly kind: 'unavailable'; readonly retryAfterSeconds: number }
  | { readonly kind: 'server-error' }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'stalled' }
  | { readonly kind: 'challenge' };

export type ShopFault = Exclude<ShopBehaviour['kind'], 'page'>;

interface Trouble {
  /** Percentage of products with this trouble. */
  readonly percent: number;
  /** Number of visits that fail before the page is served. */
  readonly visits: number;
  readonly behaviour: Extract<ShopBehaviour, { kind: ShopFault }>;
}

const unavailable = { kind: 'unavailable', retryAfterSeconds: 1 } as const;

/** Troubles in the proportions of an ordinary, slightly overloaded shop. None lasts longer than two visits. */
const troubles: readonly Trouble[] = [
  { percent: 3, visits: 1, behaviour: unavailable },
  { percent: 2, visits: 2, behaviour: unavailable },
  { percent: 3, visits: 1, behaviour: { kind: 'dropped' } },
  { percent: 2, visits: 1, behaviour: { kind: 'stalled' } },
  { percent: 2, visits: 1, behaviour: { kind: 'challenge' } },
  { percent: 1, visits: 2, behaviour: { kind: 'challenge' } },
  { percent: 2, visits: 1, behaviour: { kind: 'server-error' } },
];
const slowPercent = 5;

/** Spreads the troubles: 37 and 100 share no factor, so any hundred products in a row fill each place once, and neighbours differ. */
const placeOf = (productNumber: number): number => (productNumber * 37) % 100;

/** The trouble of a product, and the rest of its place behind all troubles. */
function troubleOf(productNumber: number): { readonly trouble: Trouble | undefined; readonly rest: number } {
  let rest = placeOf(productNumber);
  for (const trouble of troubles) {
    if (rest < trouble.percent) return { trouble, rest };
    rest -= trouble.percent;
  }
  return { trouble: undefined, rest };
}

/** Decides how the `visit`-th visit (from 1) of a product page ends. It depends on nothing else, so that every demo runs alike. */
export function shopBehaviour(productNumber: number, visit: number): ShopBehaviour {
  const { trouble, rest } = troubleOf(productNumber);
  if (trouble !== undefined) return visit <= trouble.visits ? trouble.behaviour : { kind: 'page', delayMs: 0 };
  return { kind: 'page', delayMs: rest < slowPercent ? 300 + ((productNumber * 53) % 501) : 0 };
}

/** Half of the dropped connections break before the answer, the others in the middle of a page that looks fine until then. */
export const breaksBeforeAnswer = (productNumber: number): boolean => productNumber % 2 === 0;

/**
 * Fewest attempts until the page is served. A connection that had been used before and breaks before the answer is no attempt of its
 * own: the request goes out once more within the same one (RFC 9112 §9.3.1).
 */
export function attemptsNeeded(productNumber: number): number {
  const isSentAgain =
    troubleOf(productNumber).trouble?.behaviour.kind === 'dropped' && breaksBeforeAnswer(productNumber);
  return visitsNeeded(productNumber) - (isSentAgain ? 1 : 0);
}

/** Number of visits until the page is served, including that one. */
export function visitsNeeded(productNumber: number): number {
  return (troubleOf(productNumber).trouble?.visits ?? 0) + 1;
}
