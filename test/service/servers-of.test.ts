import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSegmentStore } from '../../src/service/create-segment-store';
import { bucketAt } from '../../src/service/servers-of';
import { loadConfig } from '../../src/config/config';
import { findFreePort } from '../../src/embedded/ports';

function bucket(port: number) {
  const config = loadConfig({
    S3_BUCKET: 'pages',
    S3_ENDPOINT: `http://127.0.0.1:${port}`,
    S3_ACCESS_KEY_ID: 'key',
    S3_SECRET_ACCESS_KEY: 'secret',
  });
  if (config.segments.kind !== 's3') throw new Error('a bucket is configured');
  return bucketAt(config.segments, createSegmentStore(config));
}

test('the bucket is named with its settings, and without its credentials', () => {
  expect(bucket(9).what).toBe('The bucket pages at http://127.0.0.1:9 (S3_BUCKET, S3_ENDPOINT)');
});

test.each([
  [404, 'NoSuchBucket', 'S3_BUCKET'],
  [403, 'InvalidAccessKeyId', 'S3_ACCESS_KEY_ID'],
  [403, 'SignatureDoesNotMatch', 'S3_SECRET_ACCESS_KEY'],
  [403, 'AccessDenied', 'S3_ACCESS_KEY_ID'],
  [400, 'AuthorizationHeaderMalformed', 'S3_REGION'],
])('a bucket that answers %i %s is refused, and the advice names %s', async (status, code, setting) => {
  const server = createServer((req, res) => {
    req.resume().on('end', () => {
      res.writeHead(status, { 'content-type': 'application/xml' });
      res.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>it does not do</Message></Error>`);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    expect(await bucket((server.address() as AddressInfo).port).probe()).toEqual({
      kind: 'refused',
      why: expect.stringContaining(code),
      advice: expect.stringContaining(setting),
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('an S3 server that does not listen may be one that starts', async () => {
  expect(await bucket(await findFreePort()).probe()).toMatchObject({
    kind: 'waiting',
    why: expect.stringContaining('ECONNREFUSED'),
  });
});
