const TEXTLESS = ['script', 'style'];
const TAG = /<[a-z/!?][^<>]*>/iy;

/**
 * Removes tags, comments, scripts and styles, which are ASCII in every language and would outweigh the few letters of a small page. It is
 * only as exact as counting letters needs, and takes linear time on any input.
 */
export function withoutMarkup(page: Buffer): Buffer {
  const text = page.toString('latin1');
  const lower = text.toLowerCase();
  const parts: string[] = [];
  let from = startOfText(text, lower);
  for (let at = text.indexOf('<', from); at !== -1; at = text.indexOf('<', at)) {
    const end = endOfMarkup(text, lower, at);
    if (end === undefined) {
      at += 1;
      continue;
    }
    parts.push(text.slice(from, at));
    from = at = end;
  }
  parts.push(text.slice(from));
  return Buffer.from(parts.join(' ').replace(/[\t\n\r ]+/g, ' '), 'latin1');
}

/** A sample may begin in the middle of a script, a style or a comment. */
function startOfText(text: string, lower: string): number {
  const [opened = text.length, ended = text.length] = [/<(?:script|style|!--)/, /<\/(?:script|style)|-->/].map(
    (sign) => {
      const at = lower.search(sign);
      return at === -1 ? text.length : at;
    },
  );
  return ended < opened ? after(text, '>', ended) : 0;
}

/** Where the markup at a `<` ends; undefined when none begins there. */
function endOfMarkup(text: string, lower: string, at: number): number | undefined {
  if (text.startsWith('<!--', at)) return after(text, '-->', at + 4);
  const textless = TEXTLESS.find((name) => lower.startsWith(name, at + 1));
  if (textless !== undefined) return after(text, '>', lower.indexOf(`</${textless}`, at));
  TAG.lastIndex = at;
  const [tag] = TAG.exec(text) ?? [];
  return tag === undefined ? undefined : at + tag.length;
}

/** Position behind a word; the end of the text when the word does not follow. @param from -1 for nowhere */
function after(text: string, word: string, from: number): number {
  const at = from === -1 ? -1 : text.indexOf(word, from);
  return at === -1 ? text.length : at + word.length;
}
