import type { SuccessRule } from '../jobs/success-rule';
import { listHeader } from '../http/present-headers';
import { FairQueue } from '../async/fair-queue';
import { abortable, untilAborted } from '../async/until-aborted';
import { LimitedThread } from './limited-thread';
import type { PageFormat, ThreadAnswer, ThreadTask } from './thread-task';

/** A page as it came over the wire. */
export interface WirePage {
  readonly finalUrl: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Still with its content-encoding. */
  readonly body: Buffer;
}

export interface ConvertOptions {
  readonly format: PageFormat;
  /** The caller said that the target is binary: nothing is converted. */
  readonly isBinaryTarget?: boolean;
}

export interface TurnOptions {
  /** Whose turn it is: work waits in turns between lanes, such as API keys. */
  readonly lane?: string;
  readonly signal?: AbortSignal;
}

export type ConvertResult =
  | { readonly kind: 'converted'; readonly contentType: string; readonly body: Buffer }
  /** Binary, empty, not unpackable, or a text that is not of a kind which can be converted: give the page as it is. */
  | { readonly kind: 'unchanged' }
  /** @param reason such as `time limit`, `memory limit`, `the page is too large` */
  | { readonly kind: 'failed'; readonly reason: string };

export interface Converter {
  /** @throws the signal's reason, or when threads cannot be started */
  convert(page: WirePage, options: ConvertOptions, turn?: TurnOptions): Promise<ConvertResult>;
  /**
   * The first part of a rule that a page does not meet, as words; undefined when it meets all. The status is not looked at.
   * What cannot be found out within the limits is not met.
   */
  failedRule(page: WirePage, rule: SuccessRule, turn?: TurnOptions): Promise<string | undefined>;
  /** Ends the threads. What is still waiting fails. */
  close(): Promise<void>;
}

export interface ConverterOptions {
  /** @default 2 */
  readonly threads?: number;
  /** Time for one page. @default 10,000 */
  readonly timeLimitMs?: number;
  /** Limit for each thread's heap. @default 512 */
  readonly memoryMb?: number;
  /** Of an unpacked page, and of the result. @default 20,000,000 */
  readonly maxBytes?: number;
  /** Pages that wait for a thread; what comes then fails. @default 1000 */
  readonly maxWaiting?: number;
  /** After which a thread that has nothing to do ends. @default 60,000 */
  readonly idleMs?: number;
}

/**
 * Reads pages in threads of its own, which are ended when a page takes too much time or memory. They start with the first page.
 */
export function createConverter(options: ConverterOptions = {}): Converter {
  const { threads = 2, timeLimitMs = 10_000, memoryMb = 512, maxBytes = 20_000_000 } = options;
  const { maxWaiting = 1_000, idleMs = 60_000 } = options;
  const idle = Array.from({ length: threads }, () => new LimitedThread({ timeLimitMs, memoryMb, idleMs }));
  const all = [...idle];
  const waiting = new FairQueue<(thread: LimitedThread | undefined) => void>();
  let isClosed = false;

  /** Undefined when too many are waiting, or all is over. */
  function takeThread({ lane = '', signal }: TurnOptions): Promise<LimitedThread | undefined> {
    const thread = isClosed ? undefined : idle.pop(); // the one used last: the others may end
    if (thread !== undefined || isClosed || waiting.size >= maxWaiting) return Promise.resolve(thread);
    return abortable(signal, ({ resolve }) => {
      waiting.push(lane, resolve);
      return () => waiting.remove(lane, resolve);
    });
  }

  async function runOn(thread: LimitedThread, task: ThreadTask): Promise<ThreadAnswer> {
    try {
      return await thread.run(task);
    } finally {
      const next = waiting.shift();
      if (next === undefined) idle.push(thread);
      else next(isClosed ? undefined : thread);
    }
  }

  async function run(
    page: WirePage,
    turn: TurnOptions,
    taskOf: (page: ThreadTask['page']) => ThreadTask,
  ): Promise<ThreadAnswer> {
    turn.signal?.throwIfAborted();
    const thread = await takeThread(turn);
    if (thread === undefined) return { kind: 'failed', reason: isClosed ? 'closed' : 'too many pages are waiting' };
    const { finalUrl, headers } = page;
    const body = new Uint8Array(page.body); // the caller goes on with its own
    const contentType = listHeader(headers, 'content-type');
    const contentEncoding = listHeader(headers, 'content-encoding');
    // The task itself goes on: to end the thread for it would cost the next one more.
    return untilAborted(runOn(thread, taskOf({ body, contentType, contentEncoding, finalUrl, maxBytes })), turn.signal);
  }

  return {
    async convert(page, { format, isBinaryTarget = false }, turn = {}) {
      const answer = await run(page, turn, (coded) => ({ kind: 'convert', page: coded, format, isBinaryTarget }));
      if (answer.kind === 'checked') throw new Error('a thread gave the answer to another question');
      if (answer.kind !== 'converted') return answer;
      const { contentType, body } = answer;
      return { kind: 'converted', contentType, body: Buffer.from(body.buffer, body.byteOffset, body.byteLength) };
    },
    async failedRule(page, rule, turn = {}) {
      const answer = await run(page, turn, (coded) => ({ kind: 'check', page: coded, rule }));
      if (answer.kind === 'checked') return answer.failedRule;
      return `not found out: ${answer.kind === 'failed' ? answer.reason : answer.kind}`;
    },
    async close() {
      isClosed = true;
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) next(undefined);
      await Promise.all(all.map((thread) => thread.close()));
    },
  };
}
