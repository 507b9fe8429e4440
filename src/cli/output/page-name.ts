const EXTENSIONS: Readonly<Record<string, string>> = {
  'text/html': 'html',
  'application/xhtml+xml': 'xhtml',
  'text/plain': 'txt',
  'text/markdown': 'md',
  'text/css': 'css',
  'text/csv': 'csv',
  'text/xml': 'xml',
  'application/xml': 'xml',
  'application/rss+xml': 'xml',
  'application/atom+xml': 'xml',
  'application/json': 'json',
  'application/ld+json': 'json',
  'text/javascript': 'js',
  'application/javascript': 'js',
  'application/pdf': 'pdf',
  'application/zip': 'zip',
  'application/gzip': 'gz',
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'image/avif': 'avif',
  'image/svg+xml': 'svg',
};

const MAX_SLUG = 80;

/**
 * Name of the file of a page, without its extension: its place in the input, which makes it its own, and what its URL says. Characters
 * that a file system or a shell may not take become hyphens.
 */
export function pageName(place: number, url: string): string {
  const slug = url
    .replace(/^[a-z]+:\/\//i, '')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/\.(html?|json|txt|xml|pdf|png|jpe?g|gif|svg|csv|md)$/i, '')
    .slice(0, MAX_SLUG)
    .replace(/[-.]+$/, '');
  return `${String(place).padStart(6, '0')}-${slug}`;
}

/** Extension of the file of a page, by its type; `bin` for one that is not known. */
export function extensionOf(contentType: string): string {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return EXTENSIONS[type] ?? 'bin';
}

/** Place of a URL in its batch, from 1: the last 16 bits of its job's id. */
export const placeInBatch = (jobId: string): number => Number.parseInt(jobId.slice(-4), 16);
