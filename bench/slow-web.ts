import { pathOf } from './page';

/**
 * Addresses of this machine: all of 127.0.0.0/8 is, so they need no DNS.
 * @param block 0 to 255; two blocks have no address in common
 */
export const loopbackHosts = (count: number, block = 0): string[] =>
  Array.from({ length: count }, (_, index) => `127.${block}.${1 + Math.floor(index / 250)}.${1 + (index % 250)}`);

export const SLOW_HOSTS = loopbackHosts(500);

/** The part of the slow web that a target plays. */
export interface SlowWeb {
  /** Blocks of addresses that it listens on. @default [0] */
  readonly blocks?: readonly number[];
  /** Addresses of each block. @default 500 */
  readonly hosts?: number;
  /** Some hosts are dead, as {@link fateOf} says. */
  readonly hasDeadHosts?: boolean;
  /** The hosts speak TLS up to this version, with certificates of an authority whose certificate the target writes to `authorityPath`. */
  readonly tls?: { readonly maxVersion: 'TLSv1.2' | 'TLSv1.3'; readonly authorityPath: string };
}

/**
 * What becomes of a request to a host: of a hundred hosts, five never answer (of these, every other one does not even accept a connection), five
 * refuse connections, and two send a byte a second for ever.
 */
export type Fate = 'answers' | 'unreachable' | 'silent' | 'refuses' | 'drips';

export function fateOf(hostIndex: number): Fate {
  const percent = hostIndex % 100;
  if (percent < 5) return (hostIndex + Math.floor(hostIndex / 100)) % 2 === 0 ? 'silent' : 'unreachable';
  if (percent < 10) return 'refuses';
  return percent < 12 ? 'drips' : 'answers';
}

const MEDIAN_MS = 500;
/** Standard deviation of the logarithm, with which the mean is 0.6 s. */
const SIGMA = 0.604;
const MAX_MS = 4_000;

/** Log-normal, as the answers of real sites are; the same for the same URL in every run and for every contender. */
export function delayMsOf(index: number): number {
  const [first, second] = [uniform(2 * index), uniform(2 * index + 1)];
  const normal = Math.sqrt(-2 * Math.log(first)) * Math.cos(2 * Math.PI * second); // Box-Muller
  return Math.min(MEDIAN_MS * Math.exp(SIGMA * normal), MAX_MS);
}

export const slowUrls = (port: number, run: number, count: number, isTls = false): string[] =>
  Array.from(
    { length: count },
    (_, index) =>
      `${isTls ? 'https' : 'http'}://${SLOW_HOSTS[index % SLOW_HOSTS.length]}:${port}${pathOf('plain', run, index)}`,
  );

/** A number in (0, 1], from Knuth's multiplicative hash and one round of mixing. */
function uniform(seed: number): number {
  let bits = Math.imul(seed + 1, 2_654_435_761);
  bits = Math.imul(bits ^ (bits >>> 15), 2_246_822_519);
  bits ^= bits >>> 13;
  return ((bits >>> 0) + 1) / 4_294_967_296;
}
