import { testRowsRead } from './list-rows-read';

// `npm run test:lists` does the same with 5,000,000 jobs.
testRowsRead(120_000, { fillTimeoutMs: 60_000 });
