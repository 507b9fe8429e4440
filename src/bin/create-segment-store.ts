import { join } from 'node:path';
import type { Config } from '../config';
import { ConfigError } from '../config';
import { createFsSegmentStore } from '../store/segments/fs-segment-store';
import { createS3SegmentStore } from '../store/segments/s3-segment-store';
import type { SegmentStore } from '../store/segments/segment-store';

/** @throws ConfigError when a bucket is configured and the SDK for it is not installed. */
export function createSegmentStore({ dataDir, segments }: Pick<Config, 'dataDir' | 'segments'>): SegmentStore {
  if (segments.kind === 'fs') return createFsSegmentStore(join(dataDir, 'pages'));
  try {
    return createS3SegmentStore(segments);
  } catch (error) {
    if (!isSdkMissing(error)) throw error;
    throw new ConfigError(
      'S3_BUCKET is set, but the optional package @aws-sdk/client-s3 is not installed: install it, or unset S3_BUCKET.',
    );
  }
}

const isSdkMissing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'MODULE_NOT_FOUND';
