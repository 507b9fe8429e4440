import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import express, { Router } from 'express';

/** The build of the dashboard is a part of the package. The folder is three folders up from both `src` and `dist`. */
export const PUBLIC_DIR = join(__dirname, '..', '..', '..', 'dist', 'public');

/**
 * The dashboard runs only its own files: no inline code, nothing of third parties, and nobody may put it into a frame. The page of a
 * job is shown in a frame whose source is a blob.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  // The styles of a shown page go into its frame as data.
  "style-src 'self' data:",
  "connect-src 'self'",
  "img-src 'self' data: blob:",
  'frame-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const SECURITY_HEADERS = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};

const NOT_BUILT =
  'The dashboard is not part of this build of everfetch: "npm run build" makes it. The API works all the same; GET /openapi.json describes it.\n';

/** Names of assets hold a hash of their content, so browsers need not ask for them again. */
const ASSET_MAX_AGE = '365d';

/**
 * Serves the dashboard: its page at `/`, and its scripts, styles and pictures below `/dashboard/`. Neither needs an API key, because
 * they hold no data: what the page shows it asks of the API, with the key that was typed in.
 * @param publicDir folder with `index.html` and `dashboard/`
 */
export function dashboardRouter(publicDir = PUBLIC_DIR): Router {
  const router = Router();
  router.get('/', async (_req, res) => {
    const page = await readFile(join(publicDir, 'index.html')).catch(ifMissing);
    res.set(SECURITY_HEADERS);
    // The page names the assets of its own version, so browsers have to ask for it each time.
    res.set('Cache-Control', 'no-cache');
    if (page === undefined) res.status(404).type('text').send(NOT_BUILT);
    else res.type('html').send(page);
  });
  // What is not there falls through to the problem of unknown paths.
  router.use(
    '/dashboard',
    express.static(join(publicDir, 'dashboard'), {
      ...{ index: false, redirect: false, dotfiles: 'ignore', immutable: true, maxAge: ASSET_MAX_AGE },
      setHeaders: (res) => Object.entries(SECURITY_HEADERS).forEach(([name, value]) => res.setHeader(name, value)),
    }),
  );
  return router;
}

/** @throws every error but that the file is not there */
function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
