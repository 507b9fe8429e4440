/** Silence: the time was over, the system's or ours. */
const SILENCE = 2;

/**
 * What a failed connection says about a host, the most first: somebody is there and declines, nobody answers, and last what may well be this
 * machine's own lack, such as of a way to IPv6. A code that does not stand here comes after silence.
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
  /** What is to be said when the time is over for others. */
  readonly tooLate: Error | undefined;
}

/** The one error that tells most of why none of a host's addresses could be connected to. */
export function tellingError({ errors, tooLate }: DialFailures): Error | undefined {
  const [best] = [...errors].sort((left, right) => rankOf(left) - rankOf(right));
  if (best === undefined || (tooLate !== undefined && rankOf(best) >= SILENCE)) return tooLate ?? best;
  return best;
}

function rankOf(error: Error & { readonly code?: unknown }): number {
  return (typeof error.code === 'string' ? RANKS[error.code] : undefined) ?? UNRANKED;
}
