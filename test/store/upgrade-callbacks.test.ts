import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { idTimeMs } from '../../src/jobs/job-id';
import { findDueDeliveries } from '../../src/store/deliveries';
import { migrate } from '../../src/store/migrate';
import { findReceiver } from '../../src/store/receivers';
import { createTestDatabase } from '../support/test-database';

const FOLDER = join(__dirname, '..', '..', 'src', 'store', 'migrations');
const OLD = ['0001_initial.sql', '0002_credits_and_limits.sql', '0003_sweeps.sql'];

test('what was to be delivered before the upgrade is still to be delivered after it, and every key has a secret', async () => {
  const db = await createTestDatabase();
  try {
    await db.database.query('drop schema public cascade');
    await db.database.query('create schema public');
    for (const file of OLD) await db.database.query(await readFile(join(FOLDER, file), 'utf8'));
    await db.database.query(
      'create table schema_migrations (number integer primary key, applied_at timestamptz not null default now())',
    );
    await db.database.query('insert into schema_migrations (number) values (1), (2), (3)');
    await db.database.query(`
      with k as (insert into api_keys (name, key_hash) values ('default', 'x') returning id),
      e as (insert into webhook_endpoints (id, api_key_id, origin) select 'receiver', id, 'https://r.example' from k returning id),
      b as (insert into batches (id, api_key_id, total, options, fan_out, deadline_at)
        select '01994f3c-6f2b-7a41-8d05-e17b90c2ffff', id, 1, '{}', 'jobs', now() from k returning id),
      c as (insert into batch_chunks (batch_id, number, urls) select id, 0, '{https://a.example/}' from b returning batch_id),
      j as (insert into jobs (id, batch_id, chunk_number, api_key_id, url, status, deadline_at, ended_at, credits)
        select '01994f3c-6f2b-7a41-8d05-e17b90c20001', c.batch_id, 0, k.id, 'https://a.example/', 'finished', now(), now(), 5 from c, k returning id)
      insert into webhook_deliveries (endpoint_id, job_id, event, url, attempts, last_error, created_at)
      select 'receiver', j.id, 'job.finished', 'https://r.example/hook', 2, 'status 500', '2026-03-02T09:30:00Z' from j`);
    expect(await migrate(db.database)).toEqual(expect.arrayContaining([4]));
    const [delivery] = await findDueDeliveries(db.database, 'receiver', { limit: 10 });
    expect(delivery).toMatchObject({
      jobId: '01994f3c-6f2b-7a41-8d05-e17b90c20001',
      event: 'job.finished',
      url: 'https://r.example/hook',
      round: 1,
      roundAttempts: 2,
    });
    expect(idTimeMs(delivery?.id ?? '')).toBe(Date.parse('2026-03-02T09:30:00Z'));
    expect((await findReceiver(db.database, 'receiver'))?.secrets).toEqual([
      expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    ]);
    expect(await db.database.query('select credits from batch_chunks')).toEqual([{ credits: 5 }]);
  } finally {
    await db.drop();
  }
});
