import type { LookupAddress } from 'node:dns';

/** What a source of names said about a name. */
export type DnsAnswer =
  | {
      readonly kind: 'addresses';
      readonly addresses: readonly LookupAddress[];
      /** Time that it may be kept, as the source says. */
      readonly ttlMs: number;
    }
  /** The source answered that there is no such name, or that the name has no address. */
  | { readonly kind: 'unknown' }
  /** The source gave no usable answer; `reason` is its own word for that, such as `ESERVFAIL`. */
  | { readonly kind: 'unanswered'; readonly reason: string };

/**
 * Most addresses that are kept of a name, of each family where the DNS gave them: more than a connection ever tries. An answer over
 * TCP has room for thousands, and thousands of such answers would fill the memory.
 */
export const MAX_ADDRESSES = 64;
