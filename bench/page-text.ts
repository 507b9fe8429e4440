const PAGE_BYTES = 20_000;

/** Text of a web page of 20 kB: quotes and line ends to escape, some characters beyond ASCII. */
export function pageText(index: number): string {
  const line = (n: number) =>
    `<li class="item"><a href="/products/${index}-${n}" title="Größe ${n}">Product no. ${n}, a café table</a></li>\n`;
  let text = `<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>Page ${index}</title></head><body><ul>\n`;
  for (let n = 0; Buffer.byteLength(text) < PAGE_BYTES - 120; n += 1) text += line(n);
  return text + ' '.repeat(PAGE_BYTES - Buffer.byteLength(text));
}
