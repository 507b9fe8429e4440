import type { HeaderPair } from '../../http/header-value';

/** The words between the engine and its browser process: an order in the body of a request, what came of it in a header or a trailer. */

/** What the process is, for all of its life. It arrives over IPC, where no other process can read it. */
export interface BrowserSettings {
  /** A profile of impit. */
  readonly browser: 'chrome151' | 'firefox144';
  /** Has to be in each order. */
  readonly token: string;
  /** Of one request with its body; the limit of the attempt itself is the engine's. */
  readonly timeoutMs: number;
  readonly maxClients: number;
  /** For tests. */
  readonly ignoreTlsErrors: boolean;
}

/** One request to be made. */
export interface BrowserOrder {
  readonly url: string;
  readonly method: string;
  /** Complete and in the order of the wire; an empty value keeps impit from adding its own. */
  readonly headers: readonly HeaderPair[];
  readonly body: string | undefined;
  /** Of the egress proxy, with its credentials. */
  readonly proxyUrl: string;
  readonly isFresh: boolean;
}

/** The head of an answer. */
export interface BrowserAnswer {
  readonly statusCode: number;
  readonly statusText: string;
  readonly headers: readonly HeaderPair[];
}

/** What impit said instead of an answer, or in the middle of one. */
export interface BrowserTrouble {
  readonly name: string;
  readonly message: string;
  /** What the egress proxy answered, if it was that. */
  readonly tunnelStatus: number | undefined;
}

export const TOKEN_HEADER = 'x-token';
export const ANSWER_HEADER = 'x-answer';
/** Also the name of a trailer. */
export const TROUBLE_HEADER = 'x-trouble';
/** For both ends: what a head may be, written as base64. */
export const MAX_MESSAGE_HEADER_BYTES = 256 * 1024;

/** Base64, because header text may hold any character. */
export const toHeader = (message: BrowserAnswer | BrowserTrouble): string =>
  Buffer.from(JSON.stringify(message), 'utf8').toString('base64');

export const fromHeader = <T extends BrowserAnswer | BrowserTrouble>(text: string): T =>
  JSON.parse(Buffer.from(text, 'base64').toString('utf8')) as T; // as: written by our own process
