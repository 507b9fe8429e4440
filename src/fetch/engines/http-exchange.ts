import type { Dispatcher } from 'undici';
import type { Interruption } from '../attempt-clock';
import type { HeaderPair } from '../../http/header-value';
import type { ConnectionUse, UseWatcher } from './connection-use';
import type { Answer, AnswerBody, ChunkSink } from './engine';
import { MalformedResponseError } from './malformed';

/** Bytes of the body that are buffered before anybody reads: more than arrive together with the head. */
const UNREAD_BYTES = 64 * 1024;

/** Turns undici's callbacks for one request into an {@link Answer} and its body. */
export class HttpExchange implements Dispatcher.DispatchHandler, AnswerBody, UseWatcher {
  readonly answer: Promise<Answer>;
  use: ConnectionUse | undefined;
  readonly #attempt: Interruption;
  #resolveAnswer!: (answer: Answer) => void;
  #rejectAnswer!: (error: unknown) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #unread: Buffer[] = [];
  #unreadBytes = 0;
  #sink: ChunkSink | undefined;
  #isSinkBusy = false;
  #onEnd: (() => void) | undefined;
  #isEnded = false;
  #isFailed = false;
  #failure: unknown;
  #wasCut = false;
  /** Bytes read over the connection before the request went out. Undefined: the connection was new. */
  #bytesBefore: number | undefined;
  #statusCode = 0;

  constructor(attempt: Interruption) {
    this.answer = new Promise((resolve, reject) => {
      this.#resolveAnswer = resolve;
      this.#rejectAnswer = reject;
    });
    this.#attempt = attempt;
    attempt.onInterrupt = (reason) => this.#cut(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#bytesBefore = this.use?.begin();
    if (this.#isFailed) controller.abort(this.#failure as Error); // the request was given up while it waited for a connection
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    statusCode: number,
    _headers: unknown,
    statusText = '',
  ): void {
    if (statusCode < 200) return; // This is an interim response such as 103 Early Hints, and the final one is still to come.
    const headers = pairsOf(controller.rawHeaders as readonly Buffer[]);
    if (headers === undefined) return this.#cut(new MalformedResponseError('chunked is not its last transfer coding'));
    this.#statusCode = statusCode;
    this.#resolveAnswer({ statusCode, statusText, headers, body: this });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isFailed) return;
    if (this.#sink !== undefined) return this.#feed(this.#sink, chunk, controller);
    this.#unread.push(chunk);
    this.#unreadBytes += chunk.length;
    if (this.#unreadBytes >= UNREAD_BYTES) controller.pause();
  }

  onResponseEnd(): void {
    this.#isEnded = true;
    this.#finish();
  }

  onResponseError(_controller: unknown, error: unknown): void {
    // These may announce a length but have no body (RFC 9110 §15.3.5, §15.4.5), which undici reports as an error.
    const isBodiless = this.#statusCode === 204 || this.#statusCode === 304;
    if (isBodiless && hasCode(error, 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH')) return this.onResponseEnd();
    this.#fail(error);
  }

  async readInto(sink: ChunkSink): Promise<void> {
    // More chunks may arrive while the sink is busy.
    for (let next = this.#unread.shift(); next !== undefined; next = this.#unread.shift()) {
      const taking = sink(next);
      if (taking !== undefined) await taking;
    }
    if (this.#isFailed) throw this.#failure;
    if (this.#isEnded) return;
    this.#sink = sink;
    await new Promise<void>((resolve) => {
      this.#onEnd = resolve;
      this.#controller?.resume();
    });
    if (this.#isFailed) throw this.#failure;
  }

  abandon(): void {
    if (!this.#isEnded) this.#cut(new Error('the rest of the answer is not wanted'));
  }

  /**
   * Tells whether the peer closed a reused connection before it sent a byte for this request, as a server does whose keep-alive time has
   * just run out.
   */
  get wasClosedOnReuse(): boolean {
    const isSilent = this.#bytesBefore !== undefined && this.use?.isSilentSince(this.#bytesBefore) === true;
    return this.#isFailed && !this.#wasCut && isSilent && isClosed(this.#failure);
  }

  #feed(sink: ChunkSink, chunk: Buffer, controller: Dispatcher.DispatchController): void {
    try {
      const taking = sink(chunk);
      if (taking === undefined) return;
      this.#isSinkBusy = true;
      controller.pause();
      taking.then(
        () => {
          this.#isSinkBusy = false;
          if (this.#isFailed) this.#onEnd?.();
          else controller.resume();
        },
        (error: unknown) => {
          this.#isSinkBusy = false;
          this.#cut(error);
          this.#onEnd?.();
        },
      );
    } catch (error) {
      this.#cut(error);
    }
  }

  #cut(reason: unknown): void {
    if (this.#isFailed || this.#isEnded) return;
    this.#wasCut = true;
    this.#fail(reason);
    if (this.#controller === undefined) this.use?.stopDialling(reason);
    else this.#controller.abort(reason as Error);
  }

  #fail(error: unknown): void {
    if (this.#isFailed || this.#isEnded) return;
    this.#isFailed = true;
    this.#failure = error;
    this.#finish();
    this.#rejectAnswer(error);
  }

  #finish(): void {
    this.#attempt.onInterrupt = undefined;
    if (!this.#isSinkBusy) this.#onEnd?.();
  }
}

/** Codes of undici and of the system for a connection that the peer has closed. */
const CLOSED: ReadonlySet<unknown> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'ECONNABORTED', 'EPIPE']);
const isClosed = (error: unknown): boolean => CLOSED.has((error as { readonly code?: unknown } | undefined)?.code);

function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

/**
 * Decodes raw headers as ISO-8859-1, which keeps each byte. Returns undefined where another transfer coding follows `chunked`: undici's parser
 * then takes the chunks for the body, and browsers do not.
 */
function pairsOf(raw: readonly Buffer[]): readonly HeaderPair[] | undefined {
  const pairs: HeaderPair[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index]?.toString('latin1') ?? '';
    if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
      if (/chunked[ \t]*,/i.test(raw[index + 1]?.toString('latin1') ?? '')) return undefined;
      continue;
    }
    pairs.push([name, raw[index + 1]?.toString('latin1') ?? '']);
  }
  return pairs;
}
