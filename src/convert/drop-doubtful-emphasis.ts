import type { Piece } from './inline-run';

/**
 * Whether a mark of emphasis is read as one depends on what is beside it (CommonMark §6.2): in `a**"b"**c` the asterisks are text.
 * A pair stays only where every reader takes it for emphasis, whatever becomes of the pairs around it.
 */
export function dropDoubtfulEmphasis(pieces: readonly Piece[]): Piece[] {
  const doubtful = new Set<number>();
  const open: number[] = [];
  for (const [index, piece] of pieces.entries()) {
    if (!isMark(piece)) continue;
    if (piece.kind === 'open') open.push(index);
    else {
      const begin = open.pop() ?? index;
      const isNested = open.length > 0;
      if (!isClear(pieces, begin, isNested) || !isClear(pieces, index, isNested)) doubtful.add(begin).add(index);
    }
  }
  return joined(pieces.filter((_, index) => !doubtful.has(index)));
}

const isMark = (piece: Piece | undefined): piece is Extract<Piece, { kind: 'open' | 'close' }> =>
  (piece?.kind === 'open' || piece?.kind === 'close') && piece.style !== 'link';

/** Space outside or a letter inside makes a mark clear. A nested one needs both, or it may pair with the one around it. */
function isClear(pieces: readonly Piece[], at: number, isNested: boolean): boolean {
  const sides = [characterBeside(pieces, at, -1), characterBeside(pieces, at, 1)];
  const [outside, inside] = pieces[at]?.kind === 'open' ? sides : sides.reverse();
  if (outside === undefined || inside === undefined || /\s/.test(inside)) return false;
  const signs = Number(/\p{Zs}/u.test(outside)) + Number(/[\p{L}\p{N}]/u.test(inside));
  return signs >= (isNested ? 2 : 1);
}

/** @returns undefined where another pair ends directly before this one: both would be read as one run of asterisks */
function characterBeside(pieces: readonly Piece[], at: number, step: 1 | -1): string | undefined {
  let index = at + step;
  while (isMark(pieces[index]) && pieces[index]?.kind === pieces[at]?.kind) index += step;
  const piece = pieces[index];
  if (isMark(piece)) return piece.kind === 'open' ? '' : undefined;
  if (piece === undefined || piece.kind === 'break') return ' ';
  if (piece.kind !== 'text' || piece.isCode) return '`'; // An image, a link and code begin and end with punctuation.
  return step === 1 ? String.fromCodePoint(piece.text.codePointAt(0) ?? 0) : [...piece.text.slice(-2)].at(-1);
}

/** Texts side by side become one before they are escaped: `&` and `copy;` would be ©, two spans of code one with backticks in it. */
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
