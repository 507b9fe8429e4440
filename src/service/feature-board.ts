import { randomUUID } from 'node:crypto';
import { Poller } from '../async/poller';
import type { Features } from '../jobs/features';
import type { Database } from '../store/database';
import { announceWorker, findFeatures, withdrawWorker } from '../store/worker-features';
import type { Logger } from '../telemetry/logger';

export interface FeatureBoardDeps {
  readonly database: Database;
  readonly logger: Logger;
}

const ANNOUNCE_EVERY_MS = 20_000;
/** How long a submission relies on what was read before. */
const FRESH_MS = 5_000;

/** Workers say here what they can do, and the API reads it: the API may run on a machine without a browser, or without the list of proxies. */
export class FeatureBoard {
  readonly #deps: FeatureBoardDeps;
  readonly #id = randomUUID();
  /** What this process can do; undefined when it is no worker. */
  #own: Features | undefined;
  #poller: Poller | undefined;
  #reading: Promise<Features> | undefined;
  #readAtMs = 0;
  #last: Features | undefined;

  constructor(deps: FeatureBoardDeps) {
    this.#deps = deps;
  }

  /** Announces what this worker can do, and goes on doing so. Resolves when it has been announced, if it can be now. */
  async announce(own: Features): Promise<void> {
    this.#own = own;
    const announce = () => announceWorker(this.#deps.database, this.#id, own);
    const onError = (error: unknown): void =>
      this.#deps.logger.debug({ err: String(error) }, 'the worker cannot be announced now');
    this.#poller = new Poller({ run: announce, everyMs: ANNOUNCE_EVERY_MS, onError });
    this.#poller.start();
    await announce().catch(onError);
  }

  /**
   * What all workers together could do a few seconds ago. While the rows cannot be read, the last answer stands.
   * @throws StoreUnavailableError when they never could be read: not to know is no reason to refuse anything
   */
  current(): Promise<Features> {
    const now = performance.now();
    if (this.#reading === undefined || now - this.#readAtMs > FRESH_MS) {
      this.#readAtMs = now;
      this.#reading = this.#read().catch((error: unknown) => {
        this.#reading = undefined; // the next one asks again
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
