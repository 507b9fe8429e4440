import { createHash } from 'node:crypto';

/** What the target does with a URL: `failing` answers every 20th URL with 503 at the first two visits. */
export const MODES = ['plain', 'failing', 'gzip'] as const;
export type Mode = (typeof MODES)[number];

/**
 * Stands in for 20 host names. All of 127.0.0.0/8 is this machine, so twenty hosts with connections and limits of their
 * own need no DNS: what is measured is not a resolver.
 */
export const HOSTS = Array.from({ length: 20 }, (_, index) => `127.0.0.${index + 1}`);

export const PAGE_BYTES = 20_000;
/** Compressed pages are made beforehand, so there are only so many different ones. */
export const GZIP_PAGES = 64;
export const FAILING_VISITS = 2;
const FAILING_EVERY = 20;

const WORDS =
  'about after again all and another any back been before between both can come could day did each even first from good great have here home house into just know life like long made make many more most much must never new night now off old once only order other our over own part people place point right school see should small some state still such take than that their them then there these they thing think this those three through time two under up upon use war was water way well went were what when where which while who will with without work world would year young'.split(
    ' ',
  );

/** Words that compress like a page's (about 3:1), twice as long as a page, so that pages begin at different places. */
const FILLER = makeFiller(2 * PAGE_BYTES);

export function urlsOf(port: number, mode: Mode, run: number, count: number): string[] {
  return Array.from(
    { length: count },
    (_, index) => `http://${HOSTS[index % HOSTS.length]}:${port}${pathOf(mode, run, index)}`,
  );
}

export const pathOf = (mode: Mode, run: number, index: number): string => `/${mode}/${run}/${index}`;

/** 5 % of the URLs, spread over all hosts: every 20th would always be the same one. */
export const isFailing = (index: number): boolean => (index + Math.floor(index / FAILING_EVERY)) % FAILING_EVERY === 0;

export const failingAmong = (count: number): number =>
  Array.from({ length: count }, (_, index) => index).filter(isFailing).length;

/** The 20,000 bytes at a path, all ASCII: the head names the path, the text depends on the index. */
export function pageAt(mode: Mode, run: number, index: number): Buffer {
  const page = Buffer.allocUnsafe(PAGE_BYTES);
  writePage(page, 0, { mode, run, index });
  return page;
}

export function writePage(
  buffer: Buffer,
  offset: number,
  page: { readonly mode: Mode; readonly run: number; readonly index: number },
): void {
  const { mode, run, index } = page;
  const name = mode === 'gzip' ? `/gzip/${index % GZIP_PAGES}` : pathOf(mode, run, index);
  const start = (index % GZIP_PAGES) * 293;
  FILLER.copy(buffer, offset, start, start + PAGE_BYTES);
  buffer.write(`<!doctype html><html><head><title>${name}</title></head><body><p>`, offset, 'latin1');
}

function makeFiller(bytes: number): Buffer {
  const text: string[] = [];
  for (let length = 0, index = 0; length < bytes; index += 1) {
    const hash = createHash('sha256').update(String(index)).digest();
    const word = index % 4 === 3 ? hash.toString('hex', 0, 4) : (WORDS[hash.readUInt16BE(4) % WORDS.length] ?? '');
    const piece = index % 40 === 39 ? `${word}.</p>\n<p class="text">` : `${word} `;
    text.push(piece);
    length += piece.length;
  }
  return Buffer.from(text.join(''), 'latin1').subarray(0, bytes);
}
