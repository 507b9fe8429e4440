import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, open, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { runVerify } from '../../src/bin/verify';
import { createS3SegmentStore } from '../../src/pages/segments/s3-segment-store';
import { segmentKey } from '../../src/pages/segments/segment-store';
import { verifyPages } from '../../src/pages/verify-pages';
import type { Finding } from '../../src/pages/verify-pages';
import { startOrigin } from '../support/origin';
import { describeWithS3, S3_SETUP_TIMEOUT_MS, startS3Server } from '../support/s3-server';
import type { S3Server } from '../support/s3-server';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

/** Finished jobs, the first one with a page that is read in parts. */
async function finishedJobs(service: TestService, total: number): Promise<string[]> {
  const origin = await startOrigin((req, res) => {
    res.setHeader('content-type', 'application/octet-stream');
    res.end(req.url === '/0' ? randomBytes(18_000_000) : `page ${req.url}`);
  });
  const urls = Array.from({ length: total }, (_, index) => `${origin.url}/${index}`);
  const answer = await service.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls, fanOut: 'sweep' });
  const batch = answer.headers.get('x-batch-id') ?? '';
  await waitFor(
    async () => (await service.call('GET', `/batches/${batch}?api_key=${TEST_KEY}`)).body.counts.finished === total,
  );
  return answer.body.map(({ id }: { id: string }) => id) as string[];
}

interface Place {
  readonly segment: string;
  readonly offset: number;
  readonly length: number;
}

async function placeOf({ db }: TestService, id: string): Promise<Place> {
  const [row] = await db.database.query<Place & Record<string, unknown>>(
    'select segment, segment_offset as offset, segment_length as length from jobs where id = $1',
    [id],
  );
  if (row === undefined) throw new Error('no row');
  return row;
}

async function run(args: readonly string[], more: Readonly<Record<string, string>>) {
  const texts = { stdout: '', stderr: '' };
  const into = (name: 'stdout' | 'stderr') =>
    new Writable({ write: (part: Buffer, _encoding, done) => void ((texts[name] += part.toString()), done()) });
  const env = { API_KEY: TEST_KEY, LOG_LEVEL: 'silent', ...more };
  const code = await runVerify({ args, env, stdout: into('stdout'), stderr: into('stderr') });
  return { code, ...texts, lines: texts.stdout.trim().split('\n') };
}

test.each([[['--from', 'yesterday']], [['--from', '2026-10-06', '--to', '2026-10-05']], [['--all']], [['x']]])(
  'arguments that make no sense are refused with exit code 2: %j',
  async (args) => {
    const { code, stdout, stderr } = await run(args, { DATABASE_URL: 'postgres://127.0.0.1:1/x' });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^everfetch verify: .+\n\nUsage: everfetch verify/);
  },
);

test('help is no error, and a database that is away says nothing about the pages', async () => {
  const away = { DATABASE_URL: 'postgres://127.0.0.1:1/x' };
  expect(await run(['--help'], away)).toMatchObject({ code: 0, stderr: '' });
  const { code, stdout, stderr } = await run([], away);
  expect([code, stdout]).toEqual([69, '']);
  expect(stderr).toMatch(/^everfetch verify: .+\n$/);
});

describe('in files', () => {
  let service: TestService;
  let ids: string[];
  beforeEach(async () => {
    service = await startTestService({ env: { BROWSER: 'off' } });
    ids = await finishedJobs(service, 12);
  });
  afterEach(() => service.stop());

  const pathOf = (segment: string) => join(service.dataDir, 'pages', segment);

  async function flip({ segment, offset }: Place, behind: number): Promise<void> {
    const file = await open(pathOf(segment), 'r+');
    await file.write(Buffer.from([0]), 0, 1, offset + behind);
    await file.close();
  }

  /** What is young may belong to a commit under way. */
  const age = (segment: string) => utimes(pathOf(segment), new Date('2026-01-01'), new Date('2026-01-01'));

  const verify = (...args: string[]) => run(args, { DATABASE_URL: service.db.url, DATA_DIR: service.dataDir });

  test('all is well: exit code 0 and one line, and nothing has changed', async () => {
    const { segment } = await placeOf(service, ids[1] ?? '');
    const before = await readFile(pathOf(segment));
    const { code, lines, stderr } = await verify();
    expect([code, stderr]).toEqual([0, '']);
    expect(lines).toEqual([
      expect.stringMatching(/^12 pages and 0 screenshots in \d+ segments: 0 damaged, 0 missing, 0 orphans/),
    ]);
    expect((await readFile(pathOf(segment))).equals(before)).toBe(true);
  });

  test('damaged, missing and orphaned ones are told, each with its place', async () => {
    const places = await Promise.all(ids.map((id) => placeOf(service, id)));
    const [large, small] = places as [Place, Place];
    expect(large.segment).not.toBe(small.segment);
    await flip(large, large.length - 6);
    await flip(small, 20);
    // A job whose segment is gone.
    const elsewhere = segmentKey(new Date(), '00000000-0000-4000-8000-000000000000');
    await service.db.database.query('update jobs set segment = $2 where id = $1', [ids[11], elsewhere]);
    // A segment and a record that no job has anything in; one as young as that of a commit under way is none.
    const orphan = segmentKey(new Date('2026-02-03T04:00:00Z'), '11111111-0000-4000-8000-000000000000');
    await mkdir(dirname(pathOf(orphan)), { recursive: true });
    await writeFile(pathOf(orphan), 'nobody');
    await age(orphan);
    const young = segmentKey(new Date(), 'ffffffff-0000-4000-8000-000000000000');
    await writeFile(pathOf(young), 'somebody soon');
    await appendFile(pathOf(large.segment), 'behind');
    await age(large.segment);

    const { code, stdout, lines } = await verify();
    expect(code).toBe(1);
    for (const [kind, { segment, offset, length }, id] of [
      ['damaged ', large, ids[0]],
      ['damaged ', small, ids[1]],
      ['missing ', { ...(places[11] as Place), segment: elsewhere }, ids[11]],
    ] as [string, Place, string][])
      expect(stdout).toContain(`${kind} ${segment} offset ${offset} length ${length} job ${id}: `);
    expect(stdout).toContain(`orphan   ${orphan} offset 0 length 6\n`);
    expect(stdout).toMatch(new RegExp(`orphan   ${large.segment} offset \\d+ length 6\\n`));
    expect(stdout).not.toContain(young);
    expect(lines.at(-1)).toMatch(
      /^12 pages and 0 screenshots in \d+ segments: 2 damaged, 1 missing, 2 orphans \(12 bytes\)$/,
    );

    const json = (await verify('--json')).lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(json).toHaveLength(lines.length);
    expect(json.at(-1)).toMatchObject({ kind: 'summary', damaged: 2, missing: 1, orphans: 2, pages: 12 });
    expect(json).toContainEqual({ kind: 'orphan', segment: orphan, offset: 0, length: 6 });

    // The range goes by the hour of the segments.
    expect((await verify('--to', '2026-02-03T05:00Z')).lines).toEqual([
      `orphan   ${orphan} offset 0 length 6`,
      expect.stringMatching(/^0 pages and 0 screenshots in 1 segments: 0 damaged/),
    ]);
    expect(await verify('--to', '2026-02-03T04:00Z')).toMatchObject({ code: 0 });
    expect((await verify('--from', '2026-02-03T04:59:59+00:00')).stdout).toContain(orphan);
    expect((await verify('--from', '2026-02-03T05:00')).stdout).not.toContain(orphan);
  });

  test('a segment that is cut short or empty damages the pages behind the cut, and no others', async () => {
    const small = await placeOf(service, ids[1] ?? '');
    const inSegment = (await Promise.all(ids.map((id) => placeOf(service, id)))).filter(
      ({ segment }) => segment === small.segment,
    );
    const middle = inSegment.map(({ offset }) => offset).sort((a, b) => a - b)[Math.floor(inSegment.length / 2)] ?? 0;
    await truncate(pathOf(small.segment), middle + 1);
    const behind = inSegment.filter(({ offset }) => offset >= middle).length;
    expect((await verify()).lines.at(-1)).toContain(`${behind} damaged, 0 missing`);
    await truncate(pathOf(small.segment), 0);
    expect((await verify()).lines.at(-1)).toContain(`${inSegment.length} damaged, 0 missing, 0 orphans`);
    await rm(pathOf(small.segment));
    expect((await verify()).lines.at(-1)).toContain(`0 damaged, ${inSegment.length} missing`);
  });
});

describeWithS3('in a bucket', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server();
  }, S3_SETUP_TIMEOUT_MS);
  afterAll(() => server.remove());

  test('the same is told', async () => {
    const bucket = await server.createBucket();
    const service = await startTestService({
      env: {
        ...{ BROWSER: 'off', S3_BUCKET: bucket, S3_ENDPOINT: server.url, S3_PREFIX: 'pages' },
        S3_ACCESS_KEY_ID: server.options.accessKeyId,
        S3_SECRET_ACCESS_KEY: server.options.secretAccessKey,
      },
    });
    try {
      const ids = await finishedJobs(service, 4);
      const segments = createS3SegmentStore({ ...server.options, bucket, prefix: 'pages', pageSize: 1 });
      const verify = async () => {
        const findings: Finding[] = [];
        const counts = await verifyPages({
          ...{ database: service.db.database, segments, range: {}, nowMs: Date.now() + 3_600_000 },
          onFinding: async (finding) => void findings.push(finding),
        });
        return { counts, findings };
      };
      expect(await verify()).toMatchObject({ counts: { pages: 4, damaged: 0, missing: 0, orphans: 0 }, findings: [] });
      const { segment, offset, length } = await placeOf(service, ids[1] ?? '');
      const others = (await service.db.database.query('select id from jobs where segment = $1', [segment])).length;
      const bytes = await segments.read(segment, 0, offset + length);
      bytes[offset + 5] = 0;
      await server.put(bucket, `pages/${segment}`, bytes);
      const orphan = segmentKey(new Date(), '11111111-0000-4000-8000-000000000000');
      await segments.write(orphan, [Buffer.from('nobody')]);
      const { findings } = await verify();
      expect(findings.filter(({ kind }) => kind === 'orphan')).toEqual([{ kind: 'orphan', segment: orphan, offset: 0, length: 6 }]); // prettier-ignore
      const damaged = findings.filter(({ kind }) => kind === 'damaged');
      expect(damaged.length).toBeLessThanOrEqual(others);
      expect(damaged).toContainEqual(expect.objectContaining({ jobId: ids[1], segment, offset, length }));
    } finally {
      await service.stop();
    }
  });
});
