import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedJob {
  readonly id: string;
  readonly status: string;
  readonly url: string;
  readonly response?: { readonly body?: string };
}

export interface CallbackReceiver {
  readonly url: string;
  /** The calls that arrived, by job id. */
  readonly calls: ReadonlyMap<string, readonly ReceivedJob[]>;
  /** Calls beyond the first one of each job. */
  duplicates(): number;
  close(): Promise<void>;
}

/** Takes every call with 200. */
export async function startCallbackReceiver(): Promise<CallbackReceiver> {
  const calls = new Map<string, ReceivedJob[]>();
  const server = createServer((req, res) => {
    const parts: Buffer[] = [];
    req.on('data', (part: Buffer) => parts.push(part));
    req.on('end', () => {
      const job = JSON.parse(Buffer.concat(parts).toString('utf8')) as ReceivedJob;
      const ofJob = calls.get(job.id);
      if (ofJob === undefined) calls.set(job.id, [job]);
      else ofJob.push(job);
      res.end();
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    calls,
    duplicates: () => [...calls.values()].reduce((sum, ofJob) => sum + ofJob.length - 1, 0),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
