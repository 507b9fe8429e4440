import { randomUUID } from 'node:crypto';
import { Poller } from '../async/poller';
import type { Features } from '../jobs/features';
import type { WorkerLoad } from '../jobs/worker-load';
import type { Database } from '../store/database';
import { announceWorker, findFeatures, withdrawWorker } from '../store/worker-features';
import type { Logger } from '../telemetry/logger';

export interface FeatureBoardDeps {
  readonly database: Database;
  readonly logger: Logger;
}

/** Often, because what a worker is busy with changes fast. */
const ANNOUNCE_EVERY_MS = 5_000;
/** Time for which submissions rely on the last reading (ms). */
const FRESH_MS = 5_000;

/**
 * Passes the features of the workers to the API by way of the database, because the API may run on a machine without a browser or
 * without the list of proxies.
 */
export class FeatureBoard {
  readonly #deps: FeatureBoardDeps;
  readonly #id = randomUUID();
  /** Features that this process offers; undefined when it is no worker. */
  #own: Features | undefined;
  #poller: Poller | undefined;
  #reading: Promise<Features> | undefined;
  #readAtMs = 0;
  #last: Features | undefined;

  constructor(deps: FeatureBoardDeps) {
    this.#deps = deps;
  }

  /**
   * Announces the features of this worker and what it is busy with, now and repeatedly. Resolves after the first announcement, also
   * when it failed.
   */
  async announce(own: Features, load?: () => WorkerLoad): Promise<void> {
    this.#own = own;
    const announce = () => announceWorker(this.#deps.database, this.#id, own, load?.());
    const onError = (error: unknown): void =>
      this.#deps.logger.debug({ err: String(error) }, 'the worker cannot be announced now');
    this.#poller = new Poller({ run: announce, everyMs: ANNOUNCE_EVERY_MS, onError });
    this.#poller.start();
    await announce().catch(onError);
  }

  /**
   * Features of all workers together, at most a few seconds old. While the rows cannot be read, the last answer is returned.
   * @throws StoreUnavailableError when they could never be read, because nothing must be refused only for lack of knowledge
   */
  current(): Promise<Features> {
    const now = performance.now();
    if (this.#reading === undefined || now - this.#readAtMs > FRESH_MS) {
      this.#readAtMs = now;
      this.#reading = this.#read().catch((error: unknown) => {
        this.#reading = undefined; // the next call reads again
        if (this.#last === undefined) throw error;
        return this.#last;
      });
    }
    return this.#reading;
  }

  async stop(): Promise<void> {
    await this.#poller?.stop();
    if (this.#own !== undefined) await withdrawWorker(this.#deps.database, this.#id).catch(() => undefined);
  }

  async #read(): Promise<Features> {
    const { database } = this.#deps;
    const own = this.#own;
    const { areUnknown = false, ...found } = await findFeatures(database);
    this.#last = {
      ...found,
      hasBrowser: found.hasBrowser || own?.hasBrowser === true,
      ...(areUnknown && own === undefined && { areUnknown }),
    };
    return this.#last;
  }
}
