import type { Config } from '../config/config';
import { READY } from '../net/reach';
import type { Reach } from '../net/reach';
import { databaseAddress, probePostgres } from '../store/probe-postgres';
import type { SegmentStore } from '../pages/segments/segment-store';
import { probeTemporal } from '../temporal/probe-temporal';
import type { Wanted } from './until-reachable';

/** The PostgreSQL of `DATABASE_URL`. */
export const postgresAt = (url: string): Wanted => ({
  what: `PostgreSQL at ${databaseAddress(url)} (DATABASE_URL)`,
  probe: () => probePostgres(url),
  advice: 'start it, or set DATABASE_URL to one that runs',
});

/** The Temporal of `TEMPORAL_ADDRESS`. */
export const temporalAt = (address: string, namespace: string): Wanted => ({
  what: `Temporal at ${address} (TEMPORAL_ADDRESS)`,
  probe: () => probeTemporal({ address, namespace }),
  advice: 'start it, or set TEMPORAL_ADDRESS to one that runs',
});

/** The bucket of `S3_BUCKET`. */
export function bucketAt(config: Extract<Config['segments'], { kind: 's3' }>, segments: SegmentStore): Wanted {
  const { bucket, endpoint } = config;
  return {
    what: `The bucket ${bucket} at ${endpoint ?? 'AWS'} (S3_BUCKET, S3_ENDPOINT)`,
    probe: () => probeSegments(segments),
    advice: 'start that server, or correct S3_ENDPOINT',
  };
}

/** Names that S3 has for its refusals: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const ADVICE: Readonly<Record<string, string>> = {
  NoSuchBucket: 'create that bucket, or correct S3_BUCKET',
  InvalidAccessKeyId: 'correct S3_ACCESS_KEY_ID',
  SignatureDoesNotMatch: 'correct S3_SECRET_ACCESS_KEY',
  AccessDenied:
    'correct S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, or let them put, get, delete and list objects there',
  PermanentRedirect: 'correct S3_REGION or S3_ENDPOINT',
  AuthorizationHeaderMalformed: 'correct S3_REGION',
  CredentialsProviderError: 'set S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY',
};

async function probeSegments(segments: SegmentStore): Promise<Reach> {
  try {
    await segments.check();
    return READY;
  } catch (error) {
    const { name, code = '', message } = error as Error & { readonly code?: string };
    const reason = message.split('\n', 1)[0] ?? '';
    if (name === 'StoreUnavailableError') return { kind: 'waiting', why: reason };
    if (name !== 'S3RequestError') throw error;
    return {
      kind: 'refused',
      why: reason,
      advice: ADVICE[code] ?? 'correct S3_BUCKET, S3_ENDPOINT and the other settings of the bucket',
    };
  }
}
