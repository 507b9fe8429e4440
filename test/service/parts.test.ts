import { Parts } from '../../src/service/parts';
import { collectLogs } from '../support/collect-logs';

test('parts are closed in reverse, one after another, and once', async () => {
  const closed: string[] = [];
  const parts = new Parts(collectLogs().logger);
  for (const name of ['database', 'workers', 'server'])
    parts.push(name, async () => {
      await Promise.resolve();
      closed.push(name);
    });
  await parts.close();
  await parts.close();
  expect(closed).toEqual(['server', 'workers', 'database']);
});

test('a part that fails to close is named in the log, and the others are closed', async () => {
  const closed: string[] = [];
  const logs = collectLogs();
  const parts = new Parts(logs.logger);
  parts.push('database', () => closed.push('database'));
  parts.push('workers', () => Promise.reject(new Error('it hangs')));
  await parts.close();
  expect(closed).toEqual(['database']);
  expect(logs.entries).toMatchObject([{ part: 'workers', err: 'Error: it hangs' }]);
});
