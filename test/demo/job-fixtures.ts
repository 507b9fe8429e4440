import type { JobSeen } from '../../src/demo/api-client';
import type { Receipt } from '../../src/demo/receiver';

/** A finished job of product `n` after `attempts` tries. */
export function finishedJob(n: number, attempts = 1, body = `<title>Nr. ${n}</title>`): JobSeen {
  const url = `http://127.0.0.1:1/products/${n}`;
  const response = { statusCode: 200, headers: { 'sa-final-url': url }, body };
  return { id: `job-${n}`, url, status: 'finished', attempts, response };
}

export const receipt = (job: JobSeen, isAcknowledged = true): Receipt => ({ job, isAcknowledged });
