import { testRowsRead } from './list-rows-read';

jest.setTimeout(120_000);
testRowsRead(5_000_000, { fillTimeoutMs: 1_800_000 });
