import { randomUUID } from 'node:crypto';
import type { Features } from '../contracts/features';
import { NO_FEATURES } from '../contracts/features';
import type { Database } from '../store/database';
import { announceWorker, findFeatures, withdrawWorker } from '../store/worker-features';
import type { Logger } from '../telemetry/logger';

export interface FeatureBoardDeps {
  readonly database: Database;
  /** What this process can do; undefined when it is no worker. */
  readonly own: Features | undefined;
  readonly logger: Logger;
}

const ANNOUNCE_EVERY_MS = 20_000;
/** How long a submission relies on what was read before. */
const FRESH_MS = 5_000;

/** Where workers say what they can do, and the API reads it: it may run on a machine without a browser, or without the list of proxies. */
export class FeatureBoard {
  readonly #deps: FeatureBoardDeps;
  readonly #id = randomUUID();
  #timer: NodeJS.Timeout | undefined;
  #read: { readonly atMs: number; readonly features: Promise<Features> } | undefined;

  constructor(deps: FeatureBoardDeps) {
    this.#deps = deps;
  }

  /** Resolves when this worker has been announced, if it can be now. */
  async run(): Promise<void> {
    if (this.#deps.own === undefined) return;
    this.#timer = setInterval(() => void this.#announce(), ANNOUNCE_EVERY_MS);
    await this.#announce();
  }

  /** Of all workers. Never fails: without the rows, it is what this process can do. */
  current(): Promise<Features> {
    const now = performance.now();
    if (this.#read === undefined || now - this.#read.atMs > FRESH_MS) {
      const features = findFeatures(this.#deps.database).catch(() => this.#deps.own ?? NO_FEATURES);
      this.#read = { atMs: now, features };
    }
    return this.#read.features;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#deps.own !== undefined) await withdrawWorker(this.#deps.database, this.#id).catch(() => undefined);
  }

  async #announce(): Promise<void> {
    const { database, own = NO_FEATURES, logger } = this.#deps;
    try {
      await announceWorker(database, this.#id, own);
    } catch (error) {
      logger.debug({ err: String(error) }, 'the worker cannot be announced now');
    }
  }
}
