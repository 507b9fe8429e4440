import type { SuccessRule } from '../jobs/success-rule';
import { listHeader } from '../http/header-value';
import { FairQueue } from '../async/fair-queue';
import { abortable, untilAborted } from '../async/until-aborted';
import { LimitedThread } from './limited-thread';
import type { PageFormat, ThreadAnswer, ThreadTask } from './thread-task';

/** A page as it came over the wire. */
export interface WirePage {
  readonly finalUrl: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Body as it came, with its content-encoding. */
  readonly body: Buffer;
}

export interface ConvertOptions {
  readonly format: PageFormat;
  /** True: the caller said that the target is binary, so nothing is converted. */
  readonly isBinaryTarget?: boolean;
}

export interface TurnOptions {
  /** Lanes, such as API keys, take turns when work waits. @default '' */
  readonly lane?: string;
  readonly signal?: AbortSignal;
}

export type ConvertResult =
  | { readonly kind: 'converted'; readonly contentType: string; readonly body: Buffer }
  /** The page is given as it is: it is binary or empty, cannot be unpacked, or is a text of a kind that is not converted. */
  | { readonly kind: 'unchanged' }
  /** `reason` is a few words such as `time limit`, `memory limit`, `the page is too large`. */
  | { readonly kind: 'failed'; readonly reason: string };

export interface Converter {
  /** @throws the signal's reason, or when threads cannot be started */
  convert(page: WirePage, options: ConvertOptions, turn?: TurnOptions): Promise<ConvertResult>;
  /**
   * Finds the first part of a rule that a page does not meet, as words; undefined when it meets all. The status is not checked.
   * A part that cannot be checked within the limits counts as not met.
   */
  failedRule(page: WirePage, rule: SuccessRule, turn?: TurnOptions): Promise<string | undefined>;
  /** Ends the threads. Work that still waits fails. */
  close(): Promise<void>;
}

export interface ConverterOptions {
  /** @default 2 */
  readonly threads?: number;
  /** Time for one page (ms). @default 10,000 */
  readonly timeLimitMs?: number;
  /** Limit for each thread's heap (MB). @default 512 */
  readonly memoryMb?: number;
  /** Limit for an unpacked page, and for the result. @default 20,000,000 */
  readonly maxBytes?: number;
  /** Pages that may wait for a thread; further ones fail. @default 1000 */
  readonly maxWaiting?: number;
  /** Time after which a thread without work ends (ms). @default 60,000 */
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

  /** Resolves with undefined when too many are waiting, or when the converter is closed. */
  function takeThread({ lane = '', signal }: TurnOptions): Promise<LimitedThread | undefined> {
    const thread = isClosed ? undefined : idle.pop(); // Taking the one used last lets the others end.
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
    const body = new Uint8Array(page.body); // The caller keeps its own, because this one moves to the thread.
    const contentType = listHeader(headers, 'content-type');
    const contentEncoding = listHeader(headers, 'content-encoding');
    // The task itself goes on, because ending its thread would cost the next task more.
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
