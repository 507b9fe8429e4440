import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { TEST_KEY, startTestService } from '../support/test-service';
const run = (args: string[], log: string) => new Promise((res) => {
  const c = spawn(process.execPath, args); const w = createWriteStream(log); c.stdout.pipe(w, {end:false}); c.stderr.pipe(w,{end:false}); c.on('close', res);
});
test('x', async () => {
  const s = await startTestService({ roles: ['api'] });
  for (const n of [0,1,2]) console.log(await run(['scripts/schemathesis.mjs', s.url, TEST_KEY, '--document', `/tmp/mut${n}.json`], `/tmp/mut${n}.log`));
  console.log(await s.db.database.query('select (select count(*) from jobs) as jobs, (select count(*) from batches) as batches'));
  await s.stop();
}, 600000);
