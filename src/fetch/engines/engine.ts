import type { Interruption } from '../attempt-clock';
import type { HeaderPair } from '../../http/header-value';
import type { Proxy } from '../proxies/proxy';

/** Takes one chunk. If it returns a promise, nothing more is read until that has resolved. */
export type ChunkSink = (chunk: Buffer) => Promise<void> | undefined;

export interface AnswerBody {
  /** Resolves at the end of the body. Rejects when the connection fails, the attempt ends or the sink throws, once no call of the sink is open any more. */
  readInto(sink: ChunkSink): Promise<void>;
  /** Cuts the connection unless the body has been read to its end. */
  abandon(): void;
}

/** The head of an HTTP answer; its body has not been read yet, and is still content-encoded. */
export interface Answer {
  readonly statusCode: number;
  readonly statusText: string;
  /** Headers as the target wrote them, without `transfer-encoding`, which the engine has undone. */
  readonly headers: readonly HeaderPair[];
  readonly body: AnswerBody;
}

/** How a request leaves the machine. */
export interface Route {
  /** Undefined: the request goes out directly. */
  readonly proxy: Proxy | undefined;
  /** True: the request must not go over a connection that has been used before. */
  readonly isFresh: boolean;
  /** Browser to imitate, where the engine can. */
  readonly profile: HeaderProfileName;
  /** True: the answer is read as browsers read it, because the strict parser rejected the last one. */
  readonly isLenient?: boolean;
}

export type HeaderProfileName = 'chrome' | 'firefox';

export interface OutgoingRequest {
  readonly url: URL;
  readonly method: string;
  /** Names and values, alternating. */
  readonly headers: readonly string[];
  readonly body: string | undefined;
  readonly deviceType: 'desktop' | 'mobile';
}

/** Sends one request. Redirects, cookies and retries are the caller's business. */
export interface FetchEngine {
  send(outgoing: OutgoingRequest, attempt: Interruption, route: Route): Promise<Answer>;
  close(): Promise<void>;
}
