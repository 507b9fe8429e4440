import type { Dialect } from './dialect';
import { inlineMarkdown, longestBacktickRun } from './inline-markdown';

/** CommonMark, with the tables and the strikethrough of GitHub Flavored Markdown. */
export const MARKDOWN: Dialect = {
  lineGap: 2,
  quoteMark: '> ',
  rule: '* * *', // three dashes at the beginning of a document are front matter to many
  hasImages: true,
  paragraph: (pieces) => inlineMarkdown(pieces, {}),
  heading: (pieces, level) =>
    `${'#'.repeat(level)} ${inlineMarkdown(pieces, { isOneLine: true }).replace(/#$/, '\\#')}`,
  cell: (pieces) => inlineMarkdown(pieces, { isOneLine: true, isCell: true }),
  table,
  preformatted(text, language = '') {
    const fence = '`'.repeat(Math.max(3, longestBacktickRun(text) + 1));
    return `${fence}${language}\n${text}\n${fence}`;
  },
};

function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...others] = rows;
  const columns = rows.reduce((max, { length }) => Math.max(max, length), 0);
  const full = [...head, ...Array.from({ length: columns - head.length }, () => '')];
  // Cells missing at the end of a row are empty, but for the head, which says how many there are.
  return [full, full.map(() => '---'), ...others].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
