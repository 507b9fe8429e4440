import type { HeaderPair } from '../../http/header-value';

/** Messages between the engine and its browser process: the order is the body of a request; the result comes in a header or a trailer. */

/** Settings of a process for all of its life. They arrive over IPC, where no other process can read them. */
export interface BrowserSettings {
  /** Name of a profile of impit. */
  readonly browser: 'chrome151' | 'firefox144';
  /** Secret that each order has to carry. */
  readonly token: string;
  /** Time limit of one request with its body. The engine enforces the limit of the attempt itself. */
  readonly timeoutMs: number;
  readonly maxClients: number;
  /** True in tests only, whose certificates are self-signed. */
  readonly ignoreTlsErrors: boolean;
}

/** One request to be made. */
export interface BrowserOrder {
  readonly url: string;
  readonly method: string;
  /** All headers in the order in which they are sent. An empty value keeps impit from adding its own. */
  readonly headers: readonly HeaderPair[];
  readonly body: string | undefined;
  /** URL of the egress proxy, with its credentials. */
  readonly proxyUrl: string;
  readonly isFresh: boolean;
}

/** The head of an answer. */
export interface BrowserAnswer {
  readonly statusCode: number;
  readonly statusText: string;
  readonly headers: readonly HeaderPair[];
}

/** Error of impit, instead of an answer or in the middle of one. */
export interface BrowserTrouble {
  readonly name: string;
  readonly message: string;
  /** Status with which the egress proxy refused the tunnel, if it did. */
  readonly tunnelStatus: number | undefined;
}

export const TOKEN_HEADER = 'x-token';
export const ANSWER_HEADER = 'x-answer';
/** Name of a header, and of a trailer when the body has failed. */
export const BROWSER_TROUBLE_HEADER = 'x-trouble';
/** Limit for the headers of a message, for both ends: it fits the largest head, written as base64. */
export const MAX_MESSAGE_HEADER_BYTES = 256 * 1024;

/** Encodes as base64, because header text may hold any character. */
export const toHeader = (message: BrowserAnswer | BrowserTrouble): string =>
  Buffer.from(JSON.stringify(message), 'utf8').toString('base64');

export const fromHeader = <T extends BrowserAnswer | BrowserTrouble>(text: string): T =>
  JSON.parse(Buffer.from(text, 'base64').toString('utf8')) as T; // as: written by our own process
