import { isGrpcServiceError } from '@temporalio/client';
import { searchAttributeNames } from '../jobs/search-attributes';
import type { Logger } from '../telemetry/logger';
import { isInvalidArgument } from './search-attributes';

export interface SearchAttributeUseDeps {
  /** Asks the server. It takes a few seconds at most. */
  readonly areKnown: () => Promise<boolean>;
  readonly logger: Logger;
}

/** Time between two questions while the server does not know them (ms). */
const ASK_EVERY_MS = 60_000;
/** Time until the next question when there was no answer, as while its list is busy (ms). */
const UNANSWERED_MS = 5_000;

/**
 * Whether workflows may be started with our search attributes. The server refuses starts with names that it does not know, so it is asked
 * before the first one, and now and then while it does not know them.
 */
export class SearchAttributeUse {
  readonly #deps: SearchAttributeUseDeps;
  #areKnown = false;
  /** Undefined before the first question. */
  #askAgainAt: number | undefined;
  #asking: Promise<void> | undefined;
  /** Whether it stands in the log that they are missing. */
  #isTold = false;

  constructor(deps: SearchAttributeUseDeps) {
    this.#deps = deps;
  }

  /** Only the first answer is waited for. */
  async areKnown(): Promise<boolean> {
    if (this.#areKnown) return true;
    const isFirst = this.#askAgainAt === undefined;
    if (performance.now() >= (this.#askAgainAt ?? 0)) this.#asking ??= this.#ask();
    if (isFirst) await this.#asking;
    return this.#areKnown;
  }

  /** Takes note that the server has refused a start because of them: somebody has removed them. */
  noteRefusal(): void {
    this.#areKnown = false;
    this.#askAgainAt = performance.now() + ASK_EVERY_MS;
    this.#tell();
  }

  async #ask(): Promise<void> {
    let waitMs = ASK_EVERY_MS;
    try {
      this.#areKnown = await this.#deps.areKnown();
      if (this.#areKnown) this.#isTold = false;
      else this.#tell();
    } catch (error) {
      waitMs = UNANSWERED_MS;
      this.#deps.logger.debug({ err: String(error) }, 'Temporal does not say whether it knows the search attributes');
    } finally {
      this.#askAgainAt = performance.now() + waitMs;
      this.#asking = undefined;
    }
  }

  #tell(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.#deps.logger.warn(
      { search_attributes: Object.values(searchAttributeNames) },
      'Temporal does not know everfetch\'s search attributes, so its list cannot be filtered by them: run "everfetch temporal setup"',
    );
  }
}

/** Whether the server has refused a start because of its search attributes. The native connection has the reason in the message alone. */
export function isAttributeRefusal(error: unknown): boolean {
  const cause = error instanceof Error && !isGrpcServiceError(error) ? error.cause : error;
  return isInvalidArgument(cause) && /search attribute/i.test(cause.message);
}
