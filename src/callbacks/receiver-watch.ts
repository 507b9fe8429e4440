import type { Queryable } from '../store/database';
import { findReceiver, recoverReceiver, saveHealth } from '../store/receivers';
import { urlKeyOf } from '../store/troubled-urls';
import { HEALTHY, afterFailure, isProbed } from './receiver-health';
import type { ReceiverHealth } from '../store/receivers';
import type { MadeCall } from './make-call';

const FIRST_WIDTH = 4;
/** When this many different URLs answer with `Retry-After`, the whole receiver is left alone for that long. */
const ASKING_URLS = 3;

/**
 * Watches what the calls of a shift say of their receiver as a whole: whether it can be connected to, and how many calls it may
 * have at a time. Successes widen that number, and failed connections halve it.
 */
export class ReceiverWatch {
  readonly #db: Queryable;
  readonly #endpointId: string;
  readonly #maxCalls: number;
  #health: ReceiverHealth = HEALTHY;
  #secrets: readonly string[] = [];
  #width: number;
  #saving: Promise<void> = Promise.resolve();
  /** Keys of URLs that have answered with `Retry-After` since the last success. */
  readonly #asking = new Set<string>();

  constructor(db: Queryable, options: { readonly endpointId: string; readonly maxCalls: number }) {
    this.#db = db;
    this.#endpointId = options.endpointId;
    this.#maxCalls = options.maxCalls;
    this.#width = Math.min(FIRST_WIDTH, options.maxCalls);
  }

  get health(): ReceiverHealth {
    return this.#health;
  }

  /** Secrets that its calls are signed with. */
  get secrets(): readonly string[] {
    return this.#secrets;
  }

  /** Number of calls that may be in flight at a time. */
  get width(): number {
    return this.#width;
  }

  get isProbed(): boolean {
    return isProbed(this.#health);
  }

  /** Reads secrets and health from the row. With open calls the health in memory stays, because what they say is newer than the row. */
  async read({ hasOpenCalls }: { readonly hasOpenCalls: boolean }): Promise<void> {
    const receiver = await findReceiver(this.#db, this.#endpointId);
    this.#secrets = receiver?.secrets ?? [];
    if (!hasOpenCalls) this.#health = receiver?.health ?? HEALTHY;
  }

  /** Takes in what a call says; resolves when the row says so. @returns whether the receiver has recovered, so that more is due now */
  async note(call: MadeCall, { isProbe }: { readonly isProbe: boolean }): Promise<boolean> {
    const { receiver: sign, retryAfterMs, record } = call;
    if (sign === 'delivers') {
      this.#asking.clear();
      this.#width = this.isProbed ? 1 : Math.min(this.#width + 1, this.#maxCalls);
      return this.#noteAnswer();
    }
    if (sign === 'refuses') {
      const isAsking = retryAfterMs !== undefined && this.#isAskedByMany(record.delivery.url);
      // The receiver can be connected to; `UrlWatch` judges its URLs.
      if (!isAsking) return isProbe || !this.isProbed ? this.#noteAnswer() : false;
    }
    // Calls that were in flight when the receiver was found failing say nothing new.
    if (sign !== undefined && (isProbe || !this.isProbed)) await this.#noteFailure(call);
    return false;
  }

  /** Whether so many URLs have sent `Retry-After`, without a success in between, that the receiver means all of them. */
  #isAskedByMany(url: string): boolean {
    if (this.#asking.size < ASKING_URLS) this.#asking.add(urlKeyOf(url));
    return this.#asking.size >= ASKING_URLS;
  }

  async #noteAnswer(): Promise<boolean> {
    const { failures, failingSince } = this.#health;
    const hasRecovered = this.isProbed;
    if (failures === 0) return false;
    this.#health = HEALTHY;
    await this.#save(() =>
      hasRecovered && failingSince !== undefined
        ? recoverReceiver(this.#db, this.#endpointId, failingSince)
        : saveHealth(this.#db, this.#endpointId, HEALTHY),
    );
    return hasRecovered;
  }

  async #noteFailure({ record, retryAfterMs }: MadeCall): Promise<void> {
    this.#width = Math.max(1, Math.floor(this.#width / 2));
    const failure = { at: record.at, now: new Date(), random: Math.random() };
    this.#health = afterFailure(this.#health, { ...failure, ...(retryAfterMs !== undefined && { retryAfterMs }) });
    await this.#save(() => saveHealth(this.#db, this.#endpointId, this.#health, record));
  }

  /** Writes one after another, so that the newest state is the last one written. */
  #save(write: () => Promise<void>): Promise<void> {
    this.#saving = this.#saving.catch(() => undefined).then(write);
    return this.#saving;
  }
}
