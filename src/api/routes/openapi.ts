import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Router } from 'express';

export interface OpenApiDeps {
  readonly publicUrl: string;
}

/** The address of the service in `docs/openapi.json`, which is replaced by the public one. */
export const LOCAL_URL = 'http://127.0.0.1:8080';

/** The document is made by `npm run docs` and is part of the package. It is three folders up from both `src` and `dist`. */
const PATH = join(__dirname, '..', '..', '..', 'docs', 'openapi.json');

/** Serves `GET /openapi.json`. It needs no API key, because the document is public. */
export function openApiRouter({ publicUrl }: OpenApiDeps): Router {
  const router = Router();
  const document = readFileSync(PATH, 'utf8').replaceAll(LOCAL_URL, JSON.stringify(publicUrl).slice(1, -1));
  router.get('/openapi.json', (_req, res) => {
    res.type('application/json').send(document);
  });
  return router;
}
