import type { Dispatcher } from 'undici';

/** Answer of a receiver. */
export interface ReceiverAnswer {
  readonly statusCode: number;
  /** Value of the `Retry-After` header, as it was sent. */
  readonly retryAfter?: string;
  /** The beginning of the body as text. */
  readonly text?: string;
}

/** Bytes of the answer that are kept for the log. */
const LOGGED_BYTES = 1_000;
/** Bytes of a body that are read so that the connection can be used again; beyond them a new connection costs less. */
const READ_BYTES = 64 * 1024;
/** Time that a body may take (ms): the status already acknowledges, so a slow body must not hold a slot. */
const BODY_MS = 3_000;

/** One request and its answer, as undici reports them. */
export class CallExchange implements Dispatcher.DispatchHandler {
  /** Rejects when there was no answer in time. Once its head is here, an answer counts, even if its body breaks off. */
  readonly answer: Promise<ReceiverAnswer>;
  #resolve!: (answer: ReceiverAnswer) => void;
  #reject!: (error: unknown) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #head: Omit<ReceiverAnswer, 'text'> | undefined;
  #parts: Buffer[] = [];
  #bytes = 0;
  #isOver = false;
  #failure: Error | undefined;

  constructor(timeoutMs: number) {
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#timer = setTimeout(() => this.cut(new DOMException('no answer in time', 'TimeoutError')), timeoutMs);
  }

  /** Aborts the exchange at once, and with it the connection. */
  cut(reason: Error): void {
    if (this.#isOver) return;
    this.#failure = reason;
    this.#controller?.abort(reason);
    this.#end(reason);
  }

  /** Ends an exchange whose answer nobody waits for any more; harmless when the answer is there. */
  end(): void {
    this.answer.catch(() => undefined);
    this.cut(new Error('the answer is not wanted'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#failure !== undefined) controller.abort(this.#failure); // Its time was over while it waited for a connection.
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (statusCode < 200) return; // This is 103 Early Hints or the like; the answer is still to come.
    const { 'retry-after': retryAfter } = headers;
    this.#head = { statusCode, ...(typeof retryAfter === 'string' && { retryAfter }) };
    clearTimeout(this.#timer);
    if (!this.#isOver) this.#timer = setTimeout(() => this.cut(new Error('the answer takes long')), BODY_MS);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#bytes < LOGGED_BYTES && chunk.length > 0)
      this.#parts.push(Buffer.from(chunk.subarray(0, LOGGED_BYTES - this.#bytes)));
    this.#bytes += chunk.length;
    if (this.#bytes > READ_BYTES) this.cut(new Error('the answer is long'));
  }

  onResponseEnd(): void {
    this.#end(undefined);
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.#end(error);
  }

  #end(error: Error | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    if (this.#head === undefined) return this.#reject(error ?? new Error('the answer has no head'));
    if (this.#parts.length === 0) return this.#resolve(this.#head);
    // PostgreSQL keeps no NUL in a text.
    const text = Buffer.concat(this.#parts).toString('utf8').replaceAll('\0', '\ufffd');
    this.#resolve({ ...this.#head, text });
  }
}
