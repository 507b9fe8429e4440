import { execFile, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { findFreePort } from '../../src/embedded/ports';
import { SupervisedChild } from '../../src/embedded/supervised-child';
import { createLogger } from '../../src/telemetry/logger';

const SCRIPT = join(__dirname, '../../scripts/s3-gateway.mjs');
export const S3_ACCESS_KEY = 'access-key-of-the-suite';
export const S3_SECRET = 'secret-of-the-suite-0123456789';
const REGION = 'us-east-1';

export interface S3Server {
  readonly url: string;
  readonly port: number;
  /** Options for stores, to which a bucket has to be added. */
  readonly options: {
    readonly endpoint: string;
    readonly region: string;
    readonly forcePathStyle: true;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
  };
  createBucket(): Promise<string>;
  names(bucket: string): Promise<string[]>;
  put(bucket: string, name: string, content: string | Buffer): Promise<void>;
  /** The folder of a bucket: its files are its objects. */
  folderOf(bucket: string): string;
  /** The server goes, its objects stay. */
  stop(): Promise<void>;
  /** The server comes back, on the same port. */
  start(): Promise<void>;
  /** Server and objects go. */
  remove(): Promise<void>;
}

/** `describe` where the S3 server can be had. It is built with Go; only in CI is a missing Go a failure. */
export const describeWithS3: jest.Describe = canHaveServer() ? describe : describe.skip;

function canHaveServer(): boolean {
  const isThere = process.env['CI'] === 'true' || spawnSync('go', ['version']).status === 0;
  if (!isThere) process.stderr.write('skipped: the tests of S3 build their server with Go, which is not on PATH\n');
  return isThere;
}

/** The first one ever builds it: minutes. */
export const S3_SETUP_TIMEOUT_MS = 1_200_000;

/** A real S3 server on a free loopback port, with objects in a folder of its own: Versity gateway. */
export async function startS3Server(): Promise<S3Server> {
  const building = promisify(execFile)(process.execPath, [SCRIPT]);
  building.child.stderr?.pipe(process.stderr); // so that a wait of minutes is explained
  const { stdout } = await building;
  const folder = await mkdtemp(join(tmpdir(), 'everfetch-s3-'));
  await Promise.all(['objects', 'metadata', 'iam'].map((name) => mkdir(join(folder, name))));
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const newChild = () =>
    new SupervisedChild({
      name: 'S3 server',
      command: stdout.trim(),
      // A folder for metadata, because not every file system has extended attributes for it.
      args: () => [
        ...['--port', `127.0.0.1:${port}`, '--region', REGION, '--quiet', '--keep-alive'],
        ...['--iam-dir', join(folder, 'iam'), 'posix', '--sidecar', join(folder, 'metadata'), join(folder, 'objects')],
      ],
      cwd: folder,
      env: { ROOT_ACCESS_KEY: S3_ACCESS_KEY, ROOT_SECRET_KEY: S3_SECRET, HOME: folder },
      // Any answer to nobody in particular, which is a refusal.
      isReady: () => fetch(url).then(...[() => true, () => false]),
      logger: createLogger('error'),
    });
  let child = newChild();
  await child.start();

  const credentials = { accessKeyId: S3_ACCESS_KEY, secretAccessKey: S3_SECRET };
  const client = new S3Client({ endpoint: url, region: REGION, forcePathStyle: true, credentials });
  const names = async (Bucket: string): Promise<string[]> => {
    const { Contents = [], IsTruncated } = await client.send(new ListObjectsV2Command({ Bucket }));
    if (IsTruncated === true) throw new Error('more names than one list holds');
    return Contents.map(({ Key = '' }) => Key).sort();
  };
  return {
    url,
    port,
    options: { endpoint: url, region: REGION, forcePathStyle: true, ...credentials },
    names,
    async createBucket() {
      const Bucket = `bucket-${randomUUID()}`;
      await client.send(new CreateBucketCommand({ Bucket }));
      return Bucket;
    },
    async put(Bucket, Key, Body) {
      await client.send(new PutObjectCommand({ Bucket, Key, Body }));
    },
    folderOf: (bucket) => join(folder, 'objects', bucket),
    stop: () => child.stop(),
    async start() {
      child = newChild();
      await child.start();
    },
    async remove() {
      client.destroy();
      await child.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
