import { canonicalHost } from './allow-list';

/** Matches lower-case names and dotted quads. Anything else is left to a URL parser, which costs ten times as much. */
const PLAIN = /^https?:\/\/([a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}|(?:\d{1,3}\.){3}\d{1,3})(?::\d+)?(?:[/?#]|$)/;

/** The host by which limits per host are counted: lower case, no brackets, no dot at the end. */
export function hostOf(url: string): string {
  const plain = PLAIN.exec(url)?.[1];
  return plain === undefined || /^0|\.0\d/.test(plain) ? canonicalHost(new URL(url).hostname) : plain;
}
