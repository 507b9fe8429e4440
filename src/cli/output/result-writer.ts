import type { ResultLine } from './result-line';
import type { ResultSink } from './result-sink';
import { writeRunState } from './run-state';
import type { RunState } from './run-state';

/** Longest time that results are written without being noted (ms). What a crash leaves beyond the note is written again. */
const NOTE_EVERY_MS = 1_000;

/**
 * Writes the results of several batches to one sink, one group of lines after another, and notes how far it is. What is noted is always
 * durable before: at any moment the note and the first bytes of the output belong together.
 */
export class ResultWriter {
  readonly #sink: ResultSink;
  readonly #statePath: string;
  #state: RunState;
  /** Each write waits for the one before it. */
  #last: Promise<void> = Promise.resolve();
  // The first results are noted at once, so that a command that is interrupted again and again gets on.
  #notedAtMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #failure: Error | undefined;

  constructor(sink: ResultSink, statePath: string, state: RunState) {
    this.#sink = sink;
    this.#statePath = statePath;
    // What has to be written again is read from its beginning.
    this.#state = sink.isAnew ? restarted(state) : state;
  }

  get state(): RunState {
    return this.#state;
  }

  get fields(): string | undefined {
    return this.#sink.fields;
  }

  /** Writes lines of the batch with this index. @throws what kept this or an earlier group from being written */
  write(index: number, lines: readonly ResultLine[]): Promise<void> {
    return this.#next(async () => {
      const batch = this.#state.batches[index];
      const cursor = lines.at(-1)?.job.cursor;
      if (batch === undefined || cursor === undefined) return;
      await this.#sink.write(lines, batch.base);
      const counts = { ...this.#state.counts };
      for (const { job } of lines) counts[job.status] += 1;
      this.#state = { ...this.#withBatch(index, { ...batch, cursor }), counts };
      if (Date.now() - this.#notedAtMs >= NOTE_EVERY_MS) await this.#note();
      else this.#noteSoon();
    });
  }

  /** Changes what is noted, and resolves once that is durable. */
  update(change: (state: RunState) => RunState): Promise<void> {
    return this.#next(async () => {
      this.#state = change(this.#state);
      await this.#note();
    });
  }

  /**
   * Notes that all results of a batch are written.
   * @param unwritten counts of results that were not written one by one
   */
  finish(index: number, unwritten?: RunState['counts']): Promise<void> {
    return this.#next(async () => {
      const batch = this.#state.batches[index];
      if (batch === undefined) return;
      const { finished, failed, cancelled } = this.#state.counts;
      const counts = {
        finished: finished + (unwritten?.finished ?? 0),
        failed: failed + (unwritten?.failed ?? 0),
        cancelled: cancelled + (unwritten?.cancelled ?? 0),
      };
      const state = { ...this.#withBatch(index, { ...batch, isDone: true }), counts };
      const isAll = state.batches.length === state.parts && state.batches.every(({ isDone }) => isDone === true);
      this.#state = isAll ? { ...state, isDone: true } : state;
      await this.#note();
    });
  }

  /** Notes what has been written, unless that has failed, and closes the output. */
  async close(): Promise<void> {
    await this.#last.catch(() => undefined);
    clearTimeout(this.#timer);
    try {
      if (this.#failure === undefined) await this.#note();
    } finally {
      await this.#sink.close();
    }
  }

  #withBatch(index: number, batch: RunState['batches'][number]): RunState {
    return { ...this.#state, batches: this.#state.batches.with(index, batch) };
  }

  #next(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(async () => {
      if (this.#failure !== undefined) throw this.#failure;
      try {
        await work();
      } catch (error) {
        this.#failure = error as Error;
        throw error;
      }
    });
    this.#last = done.catch(() => undefined);
    return done;
  }

  #noteSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      // Its failure is thrown by the next write, and by `close`.
      this.#next(() => this.#note()).catch(() => undefined);
    }, NOTE_EVERY_MS);
  }

  async #note(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const length = await this.#sink.sync();
    this.#state = { ...this.#state, length };
    await writeRunState(this.#statePath, this.#state);
    this.#notedAtMs = Date.now();
  }
}

function restarted({ isDone: _done, ...state }: RunState): RunState {
  return {
    ...state,
    length: 0,
    counts: { finished: 0, failed: 0, cancelled: 0 },
    batches: state.batches.map(({ id, base }) => ({ id, base })),
  };
}
