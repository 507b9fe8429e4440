import { randomBytes } from 'node:crypto';

/**
 * Ids are UUIDv7 (RFC 9562 §5.7). Their low 16 bits tell the kind: 0 is a single job, 1 … 50,000 a batch member (index + 1),
 * 0xFFFF a batch. A batch and its members share all other bits, so that the batch of a job, its place and its age follow from the id.
 */
export const MAX_BATCH_URLS = 50_000;
export const CHUNK_URLS = 500;

const BATCH_SUFFIX = 'ffff';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The id consists of 48 bits of time, 58 random bits and the suffix. */
function createId(nowMs: number, suffix: string): string {
  const time = nowMs.toString(16).padStart(12, '0');
  const random = randomBytes(8);
  random[2] = ((random[2] ?? 0) & 0x3f) | 0x80; // RFC 9562 variant
  const hex = random.toString('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(1, 4)}-${hex.slice(4, 8)}-${hex.slice(8, 16)}${suffix}`;
}

export const createJobId = (nowMs = Date.now()): string => createId(nowMs, '0000');
export const createBatchId = (nowMs = Date.now()): string => createId(nowMs, BATCH_SUFFIX);

/** The id of member `index` (0-based) of a batch. */
export function batchMemberId(batchId: string, index: number): string {
  return batchId.slice(0, -4) + (index + 1).toString(16).padStart(4, '0');
}

export const isUuid = (text: string): boolean => UUID.test(text);
export const isBatchId = (id: string): boolean => isUuid(id) && id.endsWith(BATCH_SUFFIX);

/** Batch and 0-based index of a member; undefined for single jobs, batches and ids that were made elsewhere. */
export function batchPlaceOf(jobId: string): { readonly batchId: string; readonly index: number } | undefined {
  if (!isUuid(jobId)) return undefined;
  const place = Number.parseInt(jobId.slice(-4), 16);
  if (place < 1 || place > MAX_BATCH_URLS) return undefined;
  return { batchId: jobId.slice(0, -4) + BATCH_SUFFIX, index: place - 1 };
}

/** Number of the chunk that a member is in, and its 0-based place there, from its 0-based index in the batch. */
export function chunkPlaceOf(index: number): { readonly chunk: number; readonly place: number } {
  return { chunk: Math.floor(index / CHUNK_URLS), place: index % CHUNK_URLS };
}

/** Reads when an id was made, in ms since the epoch; undefined when it is not a UUIDv7. */
export function idTimeMs(id: string): number | undefined {
  return isUuid(id) && id[14] === '7' ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined;
}
