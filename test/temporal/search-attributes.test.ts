import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Connection } from '@temporalio/client';
import { runTemporal } from '../../src/bin/temporal';
import { findFreePort } from '../../src/embedded/ports';
import { findTemporalCli } from '../../src/embedded/temporal-cli';
import { startEmbeddedTemporal } from '../../src/embedded/temporal-server';
import type { EmbeddedTemporal } from '../../src/embedded/temporal-server';
import { searchAttributeNames } from '../../src/jobs/search-attributes';
import { createLogger } from '../../src/telemetry/logger';
import { areAttributesKnown, setUpSearchAttributes } from '../../src/temporal/search-attributes';
import { collectLogs } from '../support/collect-logs';
import { startOrigin } from '../support/origin';
import { TEST_KEY, startTestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

/** A server that does not know them, as any that the embedded start has not made. */
const startServer = async (dataDir: string | undefined, keywords: readonly string[] = []): Promise<EmbeddedTemporal> =>
  startEmbeddedTemporal({
    ...{ cliPath: findTemporalCli(process.env), dataDir, port: await findFreePort(), uiPort: undefined, keywords },
    ...{ namespace: 'default', retentionHours: 72, logger: createLogger('silent') },
  });

const NAMES = Object.values(searchAttributeNames);
const namespace = 'default';
/** `INDEXED_VALUE_TYPE_TEXT` and `…_KEYWORD` */
const [TEXT, KEYWORD] = [1, 2];

async function run(args: readonly string[], env: Readonly<Record<string, string>>) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const code = await runTemporal({ args, env, stdout, stderr });
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

describe('a server that does not know the search attributes', () => {
  let server: EmbeddedTemporal;
  let connection: Connection;
  beforeAll(async () => {
    server = await startServer(undefined);
    connection = await Connection.connect({ address: server.address });
  });
  afterAll(async () => {
    await connection.close();
    await server.stop();
  });
  const setup = () => run(['setup'], { TEMPORAL_ADDRESS: server.address });

  test('jobs and batches run without them; once they are set up, the next start of the service uses them', async () => {
    const { logger, entries } = collectLogs();
    const origin = await startOrigin((_req, res) => res.end('page'));
    const options = { temporalAddress: server.address, logger };
    const submit = { apiKey: TEST_KEY, url: origin.url };
    const first = await startTestService(options);
    let second: Awaited<ReturnType<typeof startTestService>> | undefined;
    try {
      const jobs = await Promise.all([1, 2].map(() => first.call('POST', '/jobs', submit)));
      const batch = await first.call('POST', '/batchjobs', { apiKey: TEST_KEY, urls: [origin.url], fanOut: 'jobs' });
      for (const id of [...jobs.map(({ body }) => body.id), batch.body[0].id])
        await waitFor(async () => (await first.call('GET', `/jobs/${id}`)).body.status === 'finished');
      const told = entries.filter(({ msg }) => String(msg).includes('search attributes'));
      expect(told).toEqual([expect.objectContaining({ level: 40, search_attributes: NAMES })]);
      expect(told[0]?.['msg']).toContain('"everfetch temporal setup"');

      expect(await setup()).toEqual({
        code: 0,
        stderr: '',
        stdout:
          `Added to the namespace "default": ${NAMES.join(', ')}.\n` +
          'What the service starts from now on carries them, within a minute.\n',
      });
      expect(await setup()).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`There already: ${NAMES.join()}`.replaceAll(',', ', ')),
      });

      second = await startTestService({ ...options, beside: first });
      const { body } = await second.call('POST', '/jobs', submit);
      const described = await second.client.workflow.getHandle(`job/${body.id}`).describe();
      const found = described.typedSearchAttributes.getAll().map(({ key, value }) => `${key.name} ${String(value)}`);
      expect(found).toEqual(expect.arrayContaining(['EverfetchHost 127.0.0.1', 'EverfetchKey default']));
    } finally {
      await second?.stop();
      await first.stop();
    }
  });

  test('a start that is refused because they have been removed is made without them', async () => {
    await setup();
    const { logger, entries } = collectLogs();
    const service = await startTestService({ temporalAddress: server.address, logger, roles: ['api'] });
    try {
      const start = async () => {
        const { body } = await service.call('POST', '/jobs', { apiKey: TEST_KEY, url: 'http://127.0.0.1:9/' });
        return waitFor(() => service.client.workflow.getHandle(`job/${body.id}`).describe());
      };
      expect((await start()).typedSearchAttributes.getAll().length).toBeGreaterThanOrEqual(2);
      await connection.operatorService.removeSearchAttributes({ namespace, searchAttributes: NAMES });
      await waitFor(async () => !(await areAttributesKnown(connection, namespace)));
      const names = (await start()).typedSearchAttributes.getAll().map(({ key }) => key.name);
      expect(names.filter((name) => NAMES.some((each) => each === name))).toEqual([]);
      expect(entries.filter(({ msg }) => String(msg).includes('temporal setup'))).toHaveLength(1);
    } finally {
      await service.stop();
    }
  });

  test('what is in the way is told, and nothing is changed', async () => {
    const { operatorService } = connection;
    const custom = async () => (await operatorService.listSearchAttributes({ namespace })).customAttributes;
    await operatorService.removeSearchAttributes({ namespace, searchAttributes: NAMES }).catch(() => undefined);
    await operatorService.addSearchAttributes({ namespace, searchAttributes: { EverfetchHost: TEXT } });
    const before = await custom();
    await expect(setup()).rejects.toThrow('the namespace "default" has EverfetchHost with another type than Keyword.');
    expect(await custom()).toEqual(before);
    await operatorService.removeSearchAttributes({ namespace, searchAttributes: ['EverfetchHost'] });

    const room = 10 - Object.values(await custom()).filter((type) => Number(type) === KEYWORD).length;
    const many = Object.fromEntries(Array.from({ length: room }, (_, index) => [`Other${index}`, KEYWORD]));
    await operatorService.addSearchAttributes({ namespace, searchAttributes: many });
    await expect(setup()).rejects.toThrow(
      /\(TEMPORAL_ADDRESS\) has not added the search attributes: [^.]*cannot have more than 10 [^.]*\. Nothing was changed\. .*: temporal operator search-attribute create --namespace default --name EverfetchHost --type Keyword/,
    );
    expect(Object.keys(await custom()).filter((name) => name.startsWith('Everfetch'))).toEqual([]);
  });
});

test('a database of before gets them when it is started again', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'everfetch-attributes-'));
  const servers: EmbeddedTemporal[] = [];
  const withServer = async <T>(
    keywords: readonly string[],
    use: (connection: Connection) => Promise<T>,
  ): Promise<T> => {
    const server = await startServer(dir, keywords);
    servers.push(server);
    const connection = await Connection.connect({ address: server.address });
    try {
      return await use(connection);
    } finally {
      await connection.close();
      await server.stop();
    }
  };
  try {
    expect(await withServer([], (connection) => areAttributesKnown(connection, namespace))).toBe(false);
    // The flags of the program alone change nothing in a namespace that exists.
    expect(
      await withServer(NAMES, async (connection) => [
        await areAttributesKnown(connection, namespace),
        await setUpSearchAttributes(connection, namespace),
      ]),
    ).toEqual([false, { added: NAMES, wereThere: [], ofOtherType: [], areKnown: true }]);
  } finally {
    for (const server of servers) await server.stop();
    await rm(dir, { recursive: true, force: true });
  }
});

test.each([
  [[], 0, 'Usage: everfetch temporal setup', ''],
  [['--help'], 0, 'Usage: everfetch temporal setup', ''],
  [['set'], 2, '', '"set" is no command'],
  [['setup', 'all'], 2, '', '"setup all" is no command'],
])('everfetch temporal %j', async (args, code, out, err) => {
  expect(await run(args, {})).toEqual({
    code,
    stdout: expect.stringContaining(out),
    stderr: expect.stringContaining(err),
  });
});

test('the command needs the address of a server that answers', async () => {
  await expect(run(['setup'], {})).rejects.toThrow('TEMPORAL_ADDRESS is not set');
  await expect(run(['setup'], { TEMPORAL_ADDRESS: '127.0.0.1:9' })).rejects.toThrow(
    'Temporal at 127.0.0.1:9 (TEMPORAL_ADDRESS) cannot be used',
  );
});
