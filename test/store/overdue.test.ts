import { createJobId } from '../../src/jobs/job-id';
import { ensureDefaultKey, findApiKeyByName, DEFAULT_KEY_NAME } from '../../src/store/api-keys';
import { insertJob } from '../../src/store/jobs';
import { findQuietJobs } from '../../src/store/overdue';
import type { QuietRow } from '../../src/store/overdue';
import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

test('quiet jobs are asked for in turn, also those with the same deadline, so that none waits behind others for ever', async () => {
  await ensureDefaultKey(db.database, 'a-key-of-the-test');
  const apiKeyId = (await findApiKeyByName(db.database, DEFAULT_KEY_NAME))?.id ?? '';
  const hourAgo = new Date(Date.now() - 3_600_000);
  const deadlineAt = new Date(Date.now() + 3_600_000);
  const ids = Array.from({ length: 25 }, () => createJobId());
  for (const id of ids) {
    const common = { id, apiKeyId, url: 'http://a.example/', options: {}, price: 1 };
    await insertJob(db.database, { ...common, createdAt: hourAgo, deadlineAt, workflowId: `mine-${id}` });
  }
  const seen: string[] = [];
  let after: QuietRow | undefined;
  do {
    const page = await findQuietJobs(db.database, { quietMs: 60_000, limit: 10, after });
    seen.push(...page.map(({ id }) => id));
    after = page.length < 10 ? undefined : page.at(-1);
  } while (after !== undefined);
  expect(seen.sort()).toEqual(ids.sort());
});
