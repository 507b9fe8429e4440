/** The rank of silence: a time limit of the system or of ours was over. */
const SILENCE = 2;

/**
 * Ranks error codes by how much they tell about a host, the most telling first: somebody is there and declines, nobody answers, and last
 * what this machine itself may lack, such as a route to IPv6. A code that is not listed comes after silence.
 */
const RANKS: Readonly<Record<string, number>> = {
  ECONNREFUSED: 0,
  ECONNRESET: 1,
  ETIMEDOUT: SILENCE,
  EHOSTUNREACH: 4,
  ENETUNREACH: 5,
  EADDRNOTAVAIL: 6,
  EAFNOSUPPORT: 6,
  EINVAL: 6,
};
const UNRANKED = 3;

export interface DialFailures {
  /** Errors of the addresses that could not be connected to. */
  readonly errors: readonly Error[];
  /** The error to give when time ran out while other addresses were still being tried. */
  readonly tooLate: Error | undefined;
}

/** The error that tells most about why none of a host's addresses could be connected to. */
export function tellingError({ errors, tooLate }: DialFailures): Error | undefined {
  const [best] = [...errors].sort((left, right) => rankOf(left) - rankOf(right));
  if (best === undefined || (tooLate !== undefined && rankOf(best) >= SILENCE)) return tooLate ?? best;
  return best;
}

function rankOf(error: Error & { readonly code?: unknown }): number {
  return (typeof error.code === 'string' ? RANKS[error.code] : undefined) ?? UNRANKED;
}
