import { Router } from 'express';
import { openApiDocument } from '../openapi/open-api-document';

export interface OpenApiDeps {
  readonly publicUrl: string;
}

/** `GET /openapi.json`. No key: it tells nothing about anyone. */
export function openApiRouter({ publicUrl }: OpenApiDeps): Router {
  const router = Router();
  const document = openApiDocument(publicUrl);
  router.get('/openapi.json', (_req, res) => {
    res.type('application/json').send(document);
  });
  return router;
}
