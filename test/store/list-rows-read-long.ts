import { testRowsRead } from './list-rows-read';

testRowsRead(5_000_000, { fillTimeoutMs: 1_800_000 });
