import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { loadConfig } from '../../src/config/config';
import { greeting } from '../../src/service/greeting';
import { startOrigin } from '../support/origin';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

/** What a start shows, with a site of ours in place of the examples. */
async function greeted(): Promise<string> {
  const { port } = new URL(service.url);
  const text = greeting({
    config: loadConfig({ PORT: port, API_KEY: TEST_KEY }),
    roles: ['api', 'worker'],
    ...{
      generatedKey: undefined,
      notices: [],
      rendering: 'no: BROWSER is off',
      features: service.service.features,
      workers: 1,
    },
  });
  const site = await startOrigin((req, res) => res.end(`page ${req.url}`));
  return text.replaceAll(/https:\/\/(example\.com|www\.iana\.org)/g, site.url);
}

test('the lines that a start prints work when they are pasted: the page is shown, and the batch by its id', async () => {
  const lines = (await greeted()).split('\n').filter((line) => /^ {2}(answer|job|while|batch|curl)\b/.test(line));
  expect(lines).toHaveLength(6);
  const { stdout } = await promisify(execFile)('sh', ['-c', lines.join('\n')], {
    env: { PATH: process.env['PATH'], EVERFETCH_API_KEY: TEST_KEY },
    timeout: 30_000,
  });
  expect(stdout).toContain('"status":"finished"');
  expect(stdout).toContain('"body":"page /"');
  const id = /^X-Batch-Id: (\S+)/m.exec(stdout)?.[1];
  expect(stdout).toContain(`{"id":"${id}","tags":`);
  expect(stdout).toContain('"total":2');
});
