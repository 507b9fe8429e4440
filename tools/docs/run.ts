import { join } from 'node:path';
import { writeDocs } from './write-docs';

/** With `--check`, `npm run docs` writes nothing, but reports stale documents and ends with 1 if there are any. */
const isCheck = process.argv.includes('--check');
writeDocs(join(__dirname, '..', '..'), isCheck).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
