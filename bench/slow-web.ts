import { pathOf } from './page';

/** 500 hosts. All of 127.0.0.0/8 is this machine, so they need no DNS. */
export const SLOW_HOSTS = Array.from(
  { length: 500 },
  (_, index) => `127.0.${1 + Math.floor(index / 250)}.${1 + (index % 250)}`,
);

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

export const slowUrls = (port: number, run: number, count: number): string[] =>
  Array.from(
    { length: count },
    (_, index) => `http://${SLOW_HOSTS[index % SLOW_HOSTS.length]}:${port}${pathOf('plain', run, index)}`,
  );

/** A number in (0, 1], from Knuth's multiplicative hash and one round of mixing. */
function uniform(seed: number): number {
  let bits = Math.imul(seed + 1, 2_654_435_761);
  bits = Math.imul(bits ^ (bits >>> 15), 2_246_822_519);
  bits ^= bits >>> 13;
  return ((bits >>> 0) + 1) / 4_294_967_296;
}
