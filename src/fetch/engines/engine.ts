import type { Interruption } from '../attempt-clock';
import type { HeaderPair } from '../../http/header-value';
import type { Proxy } from '../proxies/proxy';

/** Takes one chunk. Nothing more is read until the promise, if there is one, has resolved. */
export type ChunkSink = (chunk: Buffer) => Promise<void> | undefined;

export interface AnswerBody {
  /** Resolves at the end of the body. Rejects when the connection fails, the attempt ends or the sink throws; then no call of the sink is open any more. */
  readInto(sink: ChunkSink): Promise<void>;
  /** Harmless once the body has been read to its end, else it cuts the connection. */
  abandon(): void;
}

/** The head of an HTTP answer; its body has not been read yet, and is still content-encoded. */
export interface Answer {
  readonly statusCode: number;
  readonly statusText: string;
  /** As the target wrote them. `transfer-encoding` is undone, and left out. */
  readonly headers: readonly HeaderPair[];
  readonly body: AnswerBody;
}

/** How a request leaves the machine. */
export interface Route {
  /** Undefined: directly. */
  readonly proxy: Proxy | undefined;
  /** Not over a connection that has been used before. */
  readonly isFresh: boolean;
  /** Whose TLS and headers an engine that can imitates. */
  readonly profile: HeaderProfileName;
  /** The answer is read as browsers read it, because a strict parser has not taken the last one. */
  readonly isLenient?: boolean;
}

export type HeaderProfileName = 'chrome' | 'firefox';

export interface OutgoingRequest {
  readonly url: URL;
  readonly method: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: string | undefined;
  readonly deviceType: 'desktop' | 'mobile';
}

/** Sends one request and follows no redirect, keeps no cookie, retries nothing: all that is above it. */
export interface FetchEngine {
  send(outgoing: OutgoingRequest, attempt: Interruption, route: Route): Promise<Answer>;
  close(): Promise<void>;
}
