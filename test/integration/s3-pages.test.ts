import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startOrigin } from '../support/origin';
import { describeWithS3, S3_SETUP_TIMEOUT_MS, startS3Server } from '../support/s3-server';
import type { S3Server } from '../support/s3-server';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

describeWithS3('a service with its pages in a bucket', () => {
  let server: S3Server;
  let bucket: string;
  let service: TestService;

  beforeAll(async () => {
    server = await startS3Server();
    bucket = await server.createBucket();
    service = await startTestService({
      env: {
        S3_BUCKET: bucket,
        S3_ENDPOINT: server.url,
        S3_PREFIX: '/everfetch/',
        S3_ACCESS_KEY_ID: server.options.accessKeyId,
        S3_SECRET_ACCESS_KEY: server.options.secretAccessKey,
      },
    });
  }, S3_SETUP_TIMEOUT_MS);
  afterAll(async () => {
    await service.stop();
    await server.remove();
  });

  const submit = async (url: string) => (await service.call('POST', '/jobs', { apiKey: TEST_KEY, url })).body;
  const untilEnded = (id: string) =>
    waitFor(async () => {
      const { status, body } = await service.call('GET', `/jobs/${id}`);
      return status === 200 && body.status !== 'running' ? body : undefined;
    });
  const readiness = () => service.call('GET', '/readyz');

  test('stores a page as an object, shows it, and writes none below DATA_DIR', async () => {
    const origin = await startOrigin((_req, res) => res.end('<h1>kept in a bucket</h1>'));
    const { id } = await submit(origin.url);
    expect(await untilEnded(id)).toMatchObject({ status: 'finished', response: { body: '<h1>kept in a bucket</h1>' } });
    expect(await server.names(bucket)).toEqual([
      expect.stringMatching(/^everfetch\/segments\/\d{4}\/\d\d\/\d\d\/\d\d\/[0-9a-f-]{36}\.warc$/),
    ]);
    expect(existsSync(join(service.dataDir, 'pages'))).toBe(false);
    expect(await readiness()).toMatchObject({ status: 200, body: { segments: 'ok' } });
  });

  test('while the bucket is away it is not ready and answers 503; what was submitted meanwhile finishes after', async () => {
    const origin = await startOrigin((_req, res) => res.end('patient'));
    const before = await submit(origin.url);
    await untilEnded(before.id);
    await server.stop();
    let waiting;
    try {
      expect(await readiness()).toMatchObject({ status: 503, body: { segments: 'unavailable', postgres: 'ok' } });
      expect(await service.call('GET', `/jobs/${before.id}`)).toMatchObject({
        status: 503,
        body: { code: 'store_unavailable' },
      });
      waiting = await submit(origin.url);
      await waitFor(() => origin.requests.length === 2);
      expect((await service.call('GET', `/jobs/${waiting.id}`)).body.status).toBe('running');
    } finally {
      await server.start();
    }
    expect(await untilEnded(waiting.id)).toMatchObject({ status: 'finished', response: { body: 'patient' } });
    expect(await readiness()).toMatchObject({ status: 200 });
  });
});
