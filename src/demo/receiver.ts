import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { JobSeen } from './api-client';
import { startLoopbackServer } from './loopback';

/** A callback that was received. */
export interface Receipt {
  readonly job: JobSeen;
  /** False when it was answered with 500, so that the service has to call again. */
  readonly isAcknowledged: boolean;
}

export interface DemoReceiver {
  readonly url: string;
  readonly receipts: readonly Receipt[];
  /** Bodies of callbacks that are not job objects. */
  readonly unreadable: readonly string[];
  /** Number of different jobs that were acknowledged. */
  acknowledgedJobs(): number;
  close(): Promise<void>;
}

/** Collects callbacks. The first call for a job that `refusesFirst` names is answered with 500, to show the redelivery. */
export async function startReceiver(refusesFirst: (job: JobSeen) => boolean): Promise<DemoReceiver> {
  const receipts: Receipt[] = [];
  const unreadable: string[] = [];
  const seen = new Set<string>();
  const acknowledged = new Set<string>();

  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    const job = parseJob(body);
    if (job === undefined) {
      unreadable.push(body.slice(0, 200));
      response.writeHead(400).end();
      return;
    }
    const isAcknowledged = seen.has(job.id) || !refusesFirst(job);
    seen.add(job.id);
    receipts.push({ job, isAcknowledged });
    if (isAcknowledged) acknowledged.add(job.id);
    response.writeHead(isAcknowledged ? 200 : 500).end();
  };

  const server = await startLoopbackServer((request, response) => {
    receive(request, response).catch(() => response.destroy()); // the caller hung up: it will call again
  });
  return {
    url: `${server.origin}/callback`,
    receipts,
    unreadable,
    acknowledgedJobs: () => acknowledged.size,
    close: () => server.close(),
  };
}

function parseJob(body: string): JobSeen | undefined {
  try {
    return JobSeen.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
