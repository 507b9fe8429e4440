import type { CliContext } from '../context';
import type { RunWriter } from '../output/open-writer';
import type { ProgressView } from '../progress/progress-view';
import type { EndedBatch } from '../progress/summary';
import type { SeenBatch } from '../progress/totals';
import { followResults } from './follow-results';
import { patienceOf, waitForBatch } from './wait-for-batches';

export interface CollectorOptions {
  readonly view: ProgressView;
  /** Where results go as they come; undefined when they are only waited for. */
  readonly run: RunWriter | undefined;
  readonly status?: string | undefined;
  readonly onChange?: ((batch: SeenBatch) => void) | undefined;
}

/** Waits for batches, from the moment at which each of them is added, and writes their results meanwhile. */
export class Collector {
  readonly #context: CliContext;
  readonly #options: CollectorOptions;
  readonly #stop = new AbortController();
  readonly #ends: Promise<EndedBatch>[] = [];
  readonly #streams: Promise<void>[] = [];

  constructor(context: CliContext, options: CollectorOptions) {
    this.#context = { ...context, signal: AbortSignal.any([context.signal, this.#stop.signal]) };
    this.#options = options;
  }

  /** @param index place of the batch among those of the run */
  add(index: number, id: string): void {
    const { view, onChange } = this.#options;
    this.#ends.push(
      this.#guarded(waitForBatch(this.#context, id, { view, ...(onChange !== undefined && { onChange }) })),
    );
    this.#streams.push(this.#guarded(this.#write(index, id)));
  }

  /** Resolves when all batches have ended and everything is written. @throws what came first */
  async ended(): Promise<readonly EndedBatch[]> {
    try {
      const [ended] = await Promise.all([Promise.all(this.#ends), Promise.all(this.#streams)]);
      const { run, view } = this.#options;
      if (run?.archive === undefined) return ended;
      for (const [index, { id, counts }] of ended.entries()) {
        if (run.writer.state.batches[index]?.isDone === true) continue;
        await run.archive.append(id, patienceOf(this.#context, view));
        await run.writer.finish(index, counts);
      }
      await run.archive.publish();
      return ended;
    } finally {
      await this.stop();
    }
  }

  /** Ends everything that is still being waited for. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled([...this.#ends, ...this.#streams]);
  }

  async #write(index: number, id: string): Promise<void> {
    const { run, view, status } = this.#options;
    if (run === undefined || run.archive !== undefined) return;
    const { writer } = run;
    const batch = writer.state.batches[index];
    if (batch?.isDone === true) return;
    const { client, signal } = this.#context;
    const patience = patienceOf(this.#context, view);
    const options = { cursor: batch?.cursor, fields: writer.fields, status, follow: true, patience, signal };
    for await (const lines of followResults(client, id, options)) await writer.write(index, lines);
    await writer.finish(index);
  }

  /** Its failure is thrown by `ended`; without this it would count as unhandled while batches are still being added. */
  #guarded<T>(work: Promise<T>): Promise<T> {
    work.catch(() => undefined);
    return work;
  }
}
