import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import type { Logger } from '../telemetry/logger';

export interface TemporalLink {
  readonly connection: NativeConnection;
  readonly client: Client;
  /** Rejects when the server does not answer within 3 s. */
  check(): Promise<void>;
}

const FIRST_WAIT_MS = 250;
const MAX_WAIT_MS = 5_000;

/** Connects, and tries until it succeeds or `signal` aborts, because a server may well start later than everfetch. */
export async function connectTemporal(options: {
  readonly address: string;
  readonly namespace: string;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}): Promise<TemporalLink> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, MAX_WAIT_MS)) {
    options.signal.throwIfAborted();
    try {
      const connection = await NativeConnection.connect({ address: options.address });
      const client = new Client({ connection, namespace: options.namespace });
      const describe = () => connection.workflowService.describeNamespace({ namespace: options.namespace });
      const check = async () => {
        await client.withDeadline(Date.now() + 3_000, describe);
      };
      await check();
      return { connection, client, check };
    } catch (error) {
      if (waitMs === MAX_WAIT_MS / 5)
        options.logger.warn({ err: String(error), address: options.address }, 'Temporal does not answer yet');
    }
    await sleep(waitMs, undefined, { signal: options.signal }).catch(() => options.signal.throwIfAborted());
  }
}
