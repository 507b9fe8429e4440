import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { LogFormat } from '../../src/telemetry/logger';

/** What a process writes that logs one event; its standard error is no terminal. */
function logged(format: LogFormat | undefined, more: Readonly<Record<string, string>> = {}): string {
  const script = `
    require('tsx/cjs');
    const { createLogger } = require('./src/telemetry/logger.ts');
    const logger = createLogger('info', { worker: 2 }, ${JSON.stringify(format)});
    logger.info({ path: '/jobs', apiKey: 'secret', status: 200 }, 'request');
    logger.flush?.();`;
  const { stderr, stdout } = spawnSync(process.execPath, ['-e', script], {
    cwd: join(__dirname, '..', '..'),
    env: { PATH: process.env['PATH'] ?? '', ...more },
    encoding: 'utf8',
  });
  expect(stdout).toBe('');
  return stderr;
}

test.each([undefined, 'auto', 'json'] as const)('away from a terminal the format %s is a line of JSON', (format) => {
  expect(JSON.parse(logged(format))).toEqual({
    ...{ level: 30, time: expect.stringMatching(/^\d{4}-.*Z$/), worker: 2, path: '/jobs', status: 200 },
    ...{ apiKey: '[redacted]', msg: 'request' },
  });
});

test('the pretty format is one line for people, without secrets and without colours where there is no terminal', () => {
  const text = logged('pretty');
  expect(text).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: request \{[^\n]*\}\n$/);
  expect(text).toContain('"status":200');
  expect(text).not.toContain('secret');
  expect(text).not.toContain(String.fromCharCode(27));
});
