import { ConnectionError } from './errors';
import type { LinkedAbort } from './linked-abort';

/** An answer whose body has not been read yet. */
export interface OpenAnswer {
  readonly response: Response;
  text(): Promise<string>;
  /**
   * The body in parts, each when it is asked for.
   * @param idleMs longest time without a part (ms) @default the time limit of the client
   */
  parts(idleMs?: number): AsyncGenerator<Uint8Array>;
  /** The answer as a response whose connection is free once its body is read or cancelled. */
  asResponse(): Response;
  /** Frees the connection. */
  close(): void;
}

export interface OpenAnswerOptions {
  readonly link: LinkedAbort;
  /** Method and path. */
  readonly what: string;
  readonly idleMs: number;
}

export function openAnswer(response: Response, { link, what, idleMs }: OpenAnswerOptions): OpenAnswer {
  const close = (): void => {
    link.release();
    link.abort(new ConnectionError(`${what} was closed.`));
  };

  async function* parts(limitMs = idleMs): AsyncGenerator<Uint8Array> {
    const reader = response.body?.getReader();
    let isDone = reader === undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      while (reader !== undefined) {
        timer = setTimeout(
          () => link.abort(new ConnectionError(`${what} sent nothing for ${Math.round(limitMs / 1_000)} s.`)),
          limitMs,
        );
        const { done, value } = await reader.read().catch((error: unknown) => {
          link.signal.throwIfAborted();
          throw new ConnectionError(`${what} was cut off.`, { cause: error });
        });
        clearTimeout(timer);
        isDone = done;
        if (done) return;
        yield value;
      }
    } finally {
      clearTimeout(timer);
      if (isDone) link.release();
      else close();
    }
  }

  return {
    response,
    parts,
    close,
    async text() {
      const decoder = new TextDecoder();
      let text = '';
      for await (const part of parts()) text += decoder.decode(part, { stream: true });
      return text + decoder.decode();
    },
    asResponse() {
      const source = parts();
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          const { done, value } = await source.next();
          if (done === true) controller.close();
          else controller.enqueue(value);
        },
        cancel: () => close(),
      });
      const { status, statusText, headers } = response;
      return new Response(response.body === null ? null : body, { status, statusText, headers });
    },
  };
}
