import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Router } from 'express';

export interface OpenApiDeps {
  readonly publicUrl: string;
}

/** The address that stands in `docs/openapi.json` wherever the service is meant. */
export const LOCAL_URL = 'http://127.0.0.1:8080';

/** Made from the schemas by `npm run docs`, and part of the package. It lies three folders up, from `src` as from `dist`. */
const PATH = join(__dirname, '..', '..', '..', 'docs', 'openapi.json');

/** `GET /openapi.json`. No key: it tells nothing about anyone. */
export function openApiRouter({ publicUrl }: OpenApiDeps): Router {
  const router = Router();
  const document = readFileSync(PATH, 'utf8').replaceAll(LOCAL_URL, JSON.stringify(publicUrl).slice(1, -1));
  router.get('/openapi.json', (_req, res) => {
    res.type('application/json').send(document);
  });
  return router;
}
