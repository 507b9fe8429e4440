const UUID7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The batch of a job, which follows from its id; undefined for single jobs. */
export function batchOf(jobId: string): string | undefined {
  const place = Number.parseInt(jobId.slice(-4), 16);
  return UUID7.test(jobId) && place > 0 && place < 0xffff ? `${jobId.slice(0, -4)}ffff` : undefined;
}

/** When an id was made, as RFC 3339; undefined for ids that were made elsewhere. */
export function madeAt(id: string): string | undefined {
  const [, high = '', low = ''] = UUID7.exec(id) ?? [];
  return high === '' ? undefined : new Date(Number.parseInt(high + low, 16)).toISOString();
}
