import type { Features } from '../jobs/features';
import { ensureDefaultKey } from '../store/api-keys';
import { openApiParts } from './api-parts';
import { Parts } from './parts';
import { openSharedParts } from './shared-parts';
import type { ServiceOptions } from './shared-parts';
import { openWorkerParts } from './worker-parts';

export interface Service {
  /** Where the API listens; undefined without that role. */
  readonly port: number | undefined;
  /** Features that this process offers; undefined when it is no worker. */
  readonly features: Features | undefined;
  /** Resolves when Temporal is connected and the workers run. */
  readonly connected: Promise<void>;
  /**
   * Makes the first API key if there is none and the owner has not chosen one, and passes it to `show` (undefined when none was made).
   * The key is not kept when `show` rejects.
   */
  withKey(show: (generatedKey: string | undefined) => Promise<void>): Promise<void>;
  /** Refuses new requests, drains the workers, closes everything. */
  stop(): Promise<void>;
}

/**
 * Opens the parts of one process in the order in which they need each other, and closes them in reverse.
 * @throws the error of the part that did not open, after those before it have been closed again
 */
export async function createService(options: ServiceOptions): Promise<Service> {
  const { config, roles } = options;
  const stopping = new AbortController();
  const parts = new Parts(options.logger);
  const stop = async (): Promise<void> => {
    stopping.abort(new Error('the service is stopping'));
    await parts.close();
  };
  try {
    const shared = await openSharedParts(options, parts, stopping.signal);
    const worker = roles.includes('worker') ? await openWorkerParts(shared, parts, options.workflowBundle) : undefined;
    const api = roles.includes('api')
      ? await openApiParts(
          shared,
          parts,
          worker,
          options.furtherWorkers ?? (() => ({ wanted: 0, running: 0, ended: 0 })),
        )
      : undefined;
    const connected = worker?.ready ?? shared.temporal.connected.then(() => undefined);
    connected.catch(() => undefined); // callers that do not wait for it find the error in the log
    return {
      port: api?.port,
      features: worker?.features,
      connected,
      withKey: (show) =>
        shared.database.transaction(async (tx) => {
          await show(await ensureDefaultKey(tx, config.apiKey));
        }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
