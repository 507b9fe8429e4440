import { join } from 'node:path';
import { writeDocs } from './write-docs';

/** `npm run docs` writes the generated documents; with `--check` it only says which are stale, and ends with 1 then. */
const isCheck = process.argv.includes('--check');
writeDocs(join(__dirname, '..', '..'), isCheck).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
