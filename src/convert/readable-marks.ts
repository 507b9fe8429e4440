import type { Piece } from './inline-run';

/**
 * A paragraph without the marks of emphasis that would not be read as such. They count by what is next to them (CommonMark §6.2):
 * `a**"b"**c` is text with asterisks. Each pair is judged so that leaving it out changes nothing for the others.
 */
export function readableMarks(pieces: readonly Piece[]): readonly Piece[] {
  if (!pieces.some(isMark)) return pieces;
  const leftOut = marksLeftOut(pieces);
  return leftOut.size === 0 ? pieces : joined(pieces.filter((_, index) => !leftOut.has(index)));
}

interface OpenMark {
  readonly index: number;
  /** Emphasis within strong emphasis, or the other way round. */
  readonly isNested: boolean;
  /** Right behind the end of another, maybe with further beginnings between. */
  readonly isAfterEnd: boolean;
}

/** By index, of both pieces of a pair. */
function marksLeftOut(pieces: readonly Piece[]): ReadonlySet<number> {
  const before = neighbours(pieces, 1);
  const after = neighbours(pieces, -1);
  const leftOut = new Set<number>();
  const open: OpenMark[] = [];
  let asterisks = 0;
  let isAfterEnd = false;
  pieces.forEach((piece, index) => {
    if (!isMark(piece)) {
      isAfterEnd = false;
      return;
    }
    const isAsterisk = piece.style !== 'deleted';
    if (piece.kind === 'open') {
      open.push({ index, isNested: isAsterisk && asterisks > 0, isAfterEnd });
      if (isAsterisk) asterisks += 1;
      return;
    }
    isAfterEnd = true;
    if (isAsterisk) asterisks -= 1;
    const opened = open.pop();
    if (opened === undefined) return;
    const { index: begin, isNested } = opened;
    const isReadable =
      !opened.isAfterEnd && // one run of asterisks for the end of one and the beginning of another is read in several ways
      mayMark(after[begin], before[begin]) &&
      mayMark(before[index], after[index]) &&
      (!isNested || (isPlain(pieces, begin, before, after, -1) && isPlain(pieces, index, after, before, 1)));
    if (!isReadable) leftOut.add(begin).add(index);
  });
  return leftOut;
}

const isMark = (piece: Piece | undefined): piece is Extract<Piece, { kind: 'open' | 'close' }> =>
  (piece?.kind === 'open' || piece?.kind === 'close') && piece.style !== 'link';

interface Neighbour {
  /** The nearest that is no mark: a character, or nothing at the end of a line. */
  readonly character: string;
  /** Whether a mark made of another character lies between. Such a mark is punctuation. */
  readonly isBehindMark: boolean;
}

/** Whether it can begin or end what is marked. @param inner on that side */
function mayMark(inner: Neighbour | undefined, outer: Neighbour | undefined): boolean {
  if (inner === undefined || outer === undefined || isSpace(inner.character)) return false;
  return isSpace(outer.character) || isPunctuation(outer.character) || isWord(inner);
}

/**
 * A nested mark must not be what begins as well as what ends emphasis, or it pairs with the one around it; unless both are one
 * run of asterisks, which is read as a whole.
 */
function isPlain(
  pieces: readonly Piece[],
  index: number,
  outer: readonly Neighbour[],
  inner: readonly Neighbour[],
  outwards: 1 | -1,
): boolean {
  const next = pieces[index + outwards];
  if (isMark(next) && next.style !== 'deleted') return true;
  const { character = 'a', isBehindMark = true } = outer[index] ?? {};
  const within = inner[index];
  if (isSpace(character) && !isBehindMark) return true;
  return (isSpace(character) || isPunctuation(character)) && within !== undefined && isWord(within);
}

const isSpace = (character: string): boolean => character === '' || /^\s/u.test(character);
/** Whether every reader takes it for punctuation: symbols beyond ASCII are such since CommonMark 0.31 only, and not to all. */
const isPunctuation = (character: string): boolean => character.length === 1 && /^[\p{P}$+<=>^`|~]/u.test(character);
/** Whether every reader takes it for none. */
const isWord = ({ character, isBehindMark }: Neighbour): boolean =>
  !isBehindMark && character.length === 1 && !/^[\s\p{P}\p{S}]/u.test(character);

/** Of each mark, what is before it (in reading order) or after it (in the other). */
function neighbours(pieces: readonly Piece[], direction: 1 | -1): Neighbour[] {
  const result: Neighbour[] = [];
  let character = '';
  let passed = '';
  for (let i = 0; i < pieces.length; i += 1) {
    const index = direction === 1 ? i : pieces.length - 1 - i;
    const piece = pieces[index];
    if (piece === undefined) break;
    if (isMark(piece)) {
      const own = piece.style === 'deleted' ? '~' : '*';
      result[index] = { character, isBehindMark: passed !== '' && passed !== own };
      passed = passed === '' || passed === own ? own : 'both';
    } else {
      passed = '';
      character = edgeOf(piece, direction);
    }
  }
  return result;
}

/** The character at the end of a piece (in reading order) or at its beginning. */
function edgeOf(piece: Piece, direction: 1 | -1): string {
  if (piece.kind === 'break') return '';
  if (piece.kind !== 'text' || piece.isCode) return '`'; // brackets or a backtick
  if (direction === -1) return String.fromCodePoint(piece.text.codePointAt(0) ?? 0);
  return /[\ud800-\udbff][\udc00-\udfff]$|[^]$/.exec(piece.text.slice(-2))?.[0] ?? '';
}

/** What has come to lie side by side is one text: `&` and `copy;` would be ©, and two pieces of code one with backticks in it. */
function joined(pieces: readonly Piece[]): Piece[] {
  const result: Piece[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    if (piece.kind === 'text' && last?.kind === 'text' && last.isCode === piece.isCode)
      result[result.length - 1] = { ...last, text: last.text + piece.text };
    else result.push(piece);
  }
  return result;
}
