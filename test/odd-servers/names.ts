import type { GuardOptions } from '../../src/net/guard';

/** A resolver for which every name has these addresses. */
export const resolvesTo =
  (...addresses: readonly string[]): NonNullable<GuardOptions['resolve']> =>
  (_hostname, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
