/**
 * Tells whether ASCII text is somewhere in bytes, in whatever case. A regular expression would need a string of them, and takes ten times as
 * long; here the native search looks for the rarest pair of the text's bytes, which is `-d` rather than `ca`.
 */
export function literalFinder(literal: string): (bytes: Buffer) => boolean {
  const wanted = literal.toLowerCase();
  const offset = Math.max(0, literal.search(/[-_]/));
  const pairs = spellingsOf(wanted.slice(offset, offset + 2)).map((pair) => Buffer.from(pair, 'latin1'));
  const isAt = (bytes: Buffer, start: number) =>
    start >= 0 && bytes.toString('latin1', start, start + wanted.length).toLowerCase() === wanted;
  return (bytes) =>
    pairs.some((pair) => {
      let at = bytes.indexOf(pair);
      while (at !== -1 && !isAt(bytes, at - offset)) at = bytes.indexOf(pair, at + 1);
      return at !== -1;
    });
}

/** `-d` as `-d` and `-D`. */
function spellingsOf(text: string): readonly string[] {
  return [...text].reduce<readonly string[]>(
    (all, letter) => [...new Set([letter, letter.toUpperCase()])].flatMap((each) => all.map((start) => start + each)),
    [''],
  );
}
