import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { TEST_KEY, startTestService } from '../support/test-service';

const SCRIPT = join(__dirname, '../../scripts/schemathesis.mjs');

/**
 * Made-up requests for each operation, beside the examples. By hand it makes 25, and tries the limits of every field, which takes
 * minutes: `node scripts/schemathesis.mjs <URL> <key>`.
 */
const SHORT_FORM = ['--max-examples', '10', '--phases', 'examples,fuzzing'];

/** Runs the script without blocking this process, because the service runs in it. */
function run(args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [SCRIPT, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const parts: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => parts.push(part.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output: parts.join('') }));
  });
}

test('the service answers whatever is asked as its OpenAPI document says', async () => {
  const service = await startTestService({ roles: ['api'] });
  try {
    const { code, output } = await run([service.url, TEST_KEY, ...SHORT_FORM]);
    if (/^skipped: /m.test(output)) {
      process.stderr.write(`test/api/schemathesis.test.ts ${output}`);
      return;
    }
    if (code !== 0) throw new Error(output);
    // Some requests were accepted, so more was tested than refusals.
    const [row] = await service.db.database.query<{ jobs: number; batches: number }>(
      'select (select count(*) from jobs) as jobs, (select count(*) from batches) as batches',
    );
    expect(row?.jobs).toBeGreaterThan(10);
    expect(row?.batches).toBeGreaterThan(10);
  } finally {
    await service.stop();
  }
}, 600_000);
