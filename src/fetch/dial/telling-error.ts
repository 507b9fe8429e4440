/**
 * What a failed connection says about a host, the most first: somebody is there and declines, something on the way there says no, and last
 * what this machine lacks, such as a way to IPv6. A code that does not stand here says more than the last group.
 */
const RANKS: Readonly<Record<string, number>> = {
  ECONNREFUSED: 0,
  ECONNRESET: 1,
  EHOSTUNREACH: 2,
  ETIMEDOUT: 3,
  ENETUNREACH: 5,
  EADDRNOTAVAIL: 6,
  EAFNOSUPPORT: 6,
  EINVAL: 6,
};
const UNRANKED = 4;
/** From here on an error tells of this machine and not of the host. */
const OWN = 5;

export interface DialFailures {
  /** Of the addresses that could not be connected to. */
  readonly errors: readonly Error[];
  /** What is to be said when the time is over for others. */
  readonly tooLate: Error | undefined;
}

/** The one error that tells most of why none of a host's addresses could be connected to. */
export function tellingError({ errors, tooLate }: DialFailures): Error | undefined {
  const [best] = [...errors].sort((left, right) => rankOf(left) - rankOf(right));
  // Silence of one address says more than that another one cannot be reached from here, and less than that a third one declines.
  if (best === undefined || (tooLate !== undefined && rankOf(best) >= OWN)) return tooLate ?? best;
  return best;
}

function rankOf(error: Error & { readonly code?: unknown }): number {
  return (typeof error.code === 'string' ? RANKS[error.code] : undefined) ?? UNRANKED;
}
