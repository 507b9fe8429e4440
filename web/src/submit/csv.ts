const separators = [',', ';', '\t'] as const;

/** The separator that the first line has most of, outside of quotes. */
function separatorOf(text: string): string {
  const end = text.search(/[\r\n]/);
  const line = (end === -1 ? text : text.slice(0, end)).replaceAll(/"[^"]*"/g, '');
  const frequency = (separator: string): number => line.split(separator).length;
  return separators.reduce((best, one) => (frequency(one) > frequency(best) ? one : best));
}

/**
 * Rows of a CSV text (RFC 4180), separated by commas, semicolons or tabs. Line feeds may stand inside of quotes. Blank lines are left
 * out.
 */
export function* csvRows(text: string): Generator<string[], void, undefined> {
  const separator = separatorOf(text);
  let row: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let place = 0; place < text.length; place += 1) {
    const letter = text.charAt(place);
    if (isQuoted) {
      if (letter !== '"') cell += letter;
      else if (text.charAt(place + 1) === '"') {
        cell += letter;
        place += 1;
      } else isQuoted = false;
    } else if (letter === '"' && cell.trim() === '') {
      cell = '';
      isQuoted = true;
    } else if (letter === separator) {
      row.push(cell);
      cell = '';
    } else if (letter === '\n' || letter === '\r') {
      if (row.length > 0 || cell.trim() !== '') yield [...row, cell];
      row = [];
      cell = '';
    } else cell += letter;
  }
  if (row.length > 0 || cell.trim() !== '') yield [...row, cell];
}
