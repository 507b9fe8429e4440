import { version } from '../../../package.json';
import { LOCAL_URL } from '../../../src/api/routes/openapi';
import { createOpenApi } from './create-open-api';

/** The text of `docs/openapi.json`, for this version of the package. The service serves that file with its own address in it. */
export function openApiDocument(): string {
  return `${JSON.stringify(createOpenApi({ version, publicUrl: LOCAL_URL }), null, 2)}\n`;
}
