import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DefaultLogger, Worker, bundleWorkflowCode } from '@temporalio/worker';
import { installTemporalRuntime } from '../../src/service/install-temporal-runtime';
import { createLogger } from '../../src/telemetry/logger';
import * as workflows from '../../src/workflows';

const FOLDER = join(__dirname, 'histories');

/**
 * Histories saved from real runs (`npm run record-histories`). A change of a workflow that cannot replay them would break
 * the jobs that are open while an installation is updated.
 */
test('every saved history replays', async () => {
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.json')).sort();
  const types = new Set<string>();
  installTemporalRuntime(createLogger('silent'));
  const workflowsPath = require.resolve('../../src/workflows');
  const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  for (const file of files) {
    const history = JSON.parse(await readFile(join(FOLDER, file), 'utf8'));
    types.add(history.events[0].workflowExecutionStartedEventAttributes.workflowType.name);
    await expect(Worker.runReplayHistory({ workflowBundle }, history)).resolves.toBeUndefined();
  }
  expect([...types].sort()).toEqual(Object.keys(workflows).sort());
});
