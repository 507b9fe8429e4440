import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createOpenApi } from './create-open-api';

/** Three folders up in `src` as in `dist`. */
function packageVersion(): string {
  const path = join(__dirname, '..', '..', '..', 'package.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

/** The document as text, of this version of the package. */
export function openApiDocument(publicUrl = 'http://127.0.0.1:8080'): string {
  return `${JSON.stringify(createOpenApi({ version: packageVersion(), publicUrl }), null, 2)}\n`;
}
