import { join } from 'node:path';
import type { Config } from '../config/config';
import { ConfigError } from '../config/config';
import { createFsSegmentStore } from '../pages/segments/fs-segment-store';
import { loadS3Sdk } from '../pages/segments/s3-client';
import { createS3SegmentStore } from '../pages/segments/s3-segment-store';
import type { SegmentStore } from '../pages/segments/segment-store';

/** Creates the store that the configuration asks for. @throws ConfigError for a bucket when the SDK for it is not installed */
export function createSegmentStore({ dataDir, segments }: Pick<Config, 'dataDir' | 'segments'>): SegmentStore {
  if (segments.kind === 'fs') return createFsSegmentStore(join(dataDir, 'pages'));
  const problems = problemsOfSdk();
  if (problems.length > 0) throw new ConfigError(problems);
  return createS3SegmentStore(segments);
}

/** Says so if the SDK for a bucket is not installed. */
export function problemsOfSdk(): readonly string[] {
  try {
    loadS3Sdk();
    return [];
  } catch (error) {
    if (!isSdkMissing(error)) throw error;
    return [
      'S3_BUCKET is set, but the optional package @aws-sdk/client-s3 is not installed: install it, or unset S3_BUCKET',
    ];
  }
}

const isSdkMissing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'MODULE_NOT_FOUND';
