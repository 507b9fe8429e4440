// The client as one ES module, which browsers and Node load as it is. The modules that tsc compiles are CommonJS.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

/** @returns the text of the module */
export function clientModule(root) {
  const { outputFiles } = buildSync({
    entryPoints: [join(root, 'src', 'client', 'index.ts')],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    write: false,
  });
  return outputFiles[0].text;
}

/** Writes `index.mjs` and its types beside the compiled client. */
export function bundleClient(root, folder) {
  writeFileSync(join(folder, 'index.mjs'), clientModule(root));
  writeFileSync(join(folder, 'index.d.mts'), "export * from './index.js';\n");
}
