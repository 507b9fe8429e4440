import type { LookupAddress } from 'node:dns';

/** No site needs more addresses. A resolver that somebody else controls must not make us try hundreds. */
const MAX_ADDRESSES = 32;

/**
 * Orders addresses as they are to be tried: as the resolver gave them, but alternating between the families (RFC 8305 §4), so that a
 * family that does not work here costs one attempt and not as many as it has addresses.
 */
export function orderAddresses(answers: readonly LookupAddress[]): readonly LookupAddress[] {
  if (answers.length < 2) return answers;
  const unique = [...new Map(answers.map((answer) => [answer.address, answer])).values()].slice(0, MAX_ADDRESSES);
  const preferred = unique.filter(({ family }) => family === unique[0]?.family);
  const others = unique.filter(({ family }) => family !== unique[0]?.family);
  const rounds = Math.max(preferred.length, others.length);
  return Array.from({ length: rounds }, (_, round) => [preferred[round], others[round]])
    .flat()
    .filter((answer) => answer !== undefined);
}
