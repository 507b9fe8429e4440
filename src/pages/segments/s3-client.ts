import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { setTimeout as sleep, setImmediate as breathe } from 'node:timers/promises';
import type * as sdk from '@aws-sdk/client-s3';
import type { PutObjectCommand } from '@aws-sdk/client-s3';
import { isPassing, toStoreError } from './s3-error';

type S3Sdk = typeof sdk;

interface S3Limits {
  /** Time to get a socket and to be connected (ms). @default 10_000 */
  readonly connectTimeoutMs: number;
  /** Time without a byte in either direction (ms). @default 20_000 */
  readonly idleTimeoutMs: number;
  /** Time for one try from beginning to end, bodies included (ms). @default 120_000 */
  readonly tryTimeoutMs: number;
  /** @default 3 */
  readonly tries: number;
}

export interface S3ClientOptions {
  readonly region: string;
  /** URL of a server other than AWS. */
  readonly endpoint?: string | undefined;
  /** Whether URLs are `host/bucket/key` instead of `bucket.host/key`. @default false */
  readonly forcePathStyle?: boolean | undefined;
  /** Unset: the SDK's default providers (environment, profile, role of the machine). */
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  readonly limits?: Partial<S3Limits> | undefined;
}

const DEFAULT_LIMITS: S3Limits = {
  connectTimeoutMs: 10_000,
  idleTimeoutMs: 20_000,
  tryTimeoutMs: 120_000,
  tries: 3,
};
const MAX_SOCKETS = 16;
const FIRST_DELAY_MS = 100;

/** Loads the SDK, an optional dependency of 20 MB of memory. It is loaded only where a bucket is configured. */
export const loadS3Sdk = (): S3Sdk => createRequire(__filename)('@aws-sdk/client-s3') as S3Sdk;

export function createS3Client({ S3Client }: S3Sdk, options: S3ClientOptions): sdk.S3Client {
  const { accessKeyId, secretAccessKey, endpoint, region, forcePathStyle = false } = options;
  const { connectTimeoutMs, idleTimeoutMs } = { ...DEFAULT_LIMITS, ...options.limits };
  const client = new S3Client({
    region,
    forcePathStyle,
    ...(endpoint !== undefined && { endpoint }),
    ...(accessKeyId !== undefined &&
      secretAccessKey !== undefined && { credentials: { accessKeyId, secretAccessKey } }),
    // Many servers other than AWS refuse the checksums that the SDK would add to everything.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // `Expect` would take a new connection for every upload from 2 MB on, and 6 s where the server does not know it.
    expectContinueHeader: false,
    requestHandler: {
      connectionTimeout: connectTimeoutMs,
      socketTimeout: idleTimeoutMs,
      httpAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
      httpsAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
    },
  });
  // Trying again is up to `createRetryS3`: the SDK cannot once a stream has been read. Other middleware is placed by this name.
  client.middlewareStack.add((next) => (args) => next(args), {
    name: 'retryMiddleware',
    step: 'finalizeRequest',
    priority: 'high',
    override: true,
  });
  return client;
}

interface RetryS3 {
  /**
   * Runs `work` until it succeeds, fails for good or has failed too often. Every try has a signal of its own.
   * @param what names the operation in errors
   * @throws StoreUnavailableError when the bucket is away, S3RequestError when it refuses
   */
  <T>(what: string, work: (signal: AbortSignal) => Promise<T>, within?: AbortSignal): Promise<T>;
}

export function createRetryS3(limits?: Partial<S3Limits>): RetryS3 {
  const { tries, tryTimeoutMs } = { ...DEFAULT_LIMITS, ...limits };
  return async (what, work, within) => {
    for (let tried = 1; ; tried += 1) {
      const timeout = AbortSignal.timeout(tryTimeoutMs);
      const signal = within === undefined ? timeout : AbortSignal.any([timeout, within]);
      try {
        return await work(signal);
      } catch (error) {
        if (!isPassing(error) || tried >= tries || within?.aborted === true) throw toStoreError(what, error);
      }
      await sleep(FIRST_DELAY_MS * 2 ** tried * (0.5 + Math.random() / 2));
    }
  };
}

const HASH_BYTES = 1 << 22;

/**
 * Makes the checksum of the body part of the signature; the server compares it with what arrives. For a stream the SDK
 * would leave it out.
 */
export function signWith(put: PutObjectCommand, sha256: string): void {
  put.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { readonly headers: Record<string, string> };
      headers['x-amz-content-sha256'] = sha256;
      return next(args);
    },
    { step: 'build' },
  );
}

/** Hashes the chunks and lets others run in between, because 50 MB take a tenth of a second. */
export async function sha256Of(chunks: readonly Buffer[]): Promise<string> {
  const hash = createHash('sha256');
  let sinceBreath = 0;
  for (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += HASH_BYTES) {
      const part = chunk.subarray(start, start + HASH_BYTES);
      hash.update(part);
      sinceBreath += part.length;
      if (sinceBreath < HASH_BYTES) continue;
      sinceBreath = 0;
      await breathe();
    }
  }
  return hash.digest('hex');
}
