import { errors } from 'undici';
import { headerValues, isName } from '../../http/header-value';
import type { HeaderPair } from '../../http/header-value';
import { framingOf, InvalidResponseError, parseResponseHead } from './response-head';
import type { BodyFraming, ResponseHead } from './response-head';
import { ChunkedBody } from './chunked-body';
import { HeadCollector } from './head-collector';

/** What a response is made of, in this order. */
export interface ResponseHandler {
  /** The head of the final answer; those before it (1xx) are passed over. Without `transfer-encoding`, and with at most one length, which holds. */
  onHead(head: ResponseHead): void;
  /** A part of the body, without its transfer coding. May pause the parser. */
  onData(chunk: Buffer): void;
  onEnd(): void;
}

/**
 * Reads the response to one request from the bytes of a connection, as leniently as Chromium does: what real servers send and every
 * browser shows. Where a message ends is never guessed: see `framingOf`.
 */
export class ResponseParser {
  readonly #method: string;
  readonly #handler: ResponseHandler;
  readonly #heads = new HeadCollector();
  #rest: Buffer = Buffer.alloc(0);
  #head: ResponseHead | undefined;
  #framing: BodyFraming | undefined;
  #left = 0;
  #chunked: ChunkedBody | undefined;
  #isPaused = false;
  #isEnded = false;
  #isStandard = true;
  #isClosedByPeer = false;

  constructor(method: string, handler: ResponseHandler) {
    this.#method = method;
    this.#handler = handler;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Anything of a response has come. */
  get hasBegun(): boolean {
    return this.#head !== undefined || this.#heads.hasBegun || this.#rest.length > 0;
  }

  /** All of it, as far as it has come, was as RFC 9112 wants it. */
  get isStandard(): boolean {
    return this.#isStandard && (this.#chunked?.isStandard ?? true);
  }

  /** As far as it has come, nothing speaks against another request over the same connection. */
  get mayBeReusable(): boolean {
    if (this.#isClosedByPeer || !this.isStandard || this.#framing?.kind === 'until-close') return false;
    return this.#head !== undefined && staysOpen(this.#head);
  }

  /** The connection may serve another request: nothing odd has been seen, the end was told by the message, and nothing came behind it. */
  get isReusable(): boolean {
    return this.#isEnded && this.mayBeReusable && this.#rest.length === 0;
  }

  /** Takes what has come. Throws an {@link InvalidResponseError}, or undici's HeadersOverflowError. */
  push(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#run();
  }

  /** No more calls of the handler until {@link resume}. */
  pause(): void {
    this.#isPaused = true;
  }

  /** Throws as {@link push} does. */
  resume(): void {
    this.#isPaused = false;
    this.#run();
    if (this.#isClosedByPeer && !this.#isPaused) this.#finish();
  }

  /** The peer has closed its side. Throws when the response is not complete. */
  end(): void {
    this.#isClosedByPeer = true;
    if (!this.#isPaused) this.#finish();
  }

  #run(): void {
    while (!this.#isPaused && !this.#isEnded && this.#rest.length > 0) {
      const input = this.#rest;
      this.#rest = Buffer.alloc(0);
      const used = this.#framing === undefined ? this.#takeHead(input) : this.#takeBody(input, this.#framing);
      this.#rest = input.subarray(used);
      if (this.#isDone()) this.#close();
    }
  }

  #takeHead(input: Buffer): number {
    const { used, head } = this.#heads.add(input);
    if (head !== undefined) this.#begin(head);
    return used;
  }

  #begin(bytes: Buffer): void {
    const head = parseResponseHead(bytes);
    if (head.statusCode === 101) throw new InvalidResponseError('it switches protocols unasked');
    if (head.statusCode < 200) {
      if (head.statusCode === 100) this.#isStandard = false; // nobody asked for it
      return;
    }
    const framing = framingOf(head, this.#method);
    const isLengthPlain = hasPlainLength(head.headers, framing);
    this.#isStandard &&= head.isStandard && isLengthPlain;
    const kept = head.headers.filter(
      ([name]) => !isName(name, 'transfer-encoding') && (isLengthPlain || !isName(name, 'content-length')),
    );
    const length =
      framing.kind === 'length' && !isLengthPlain ? [['Content-Length', String(framing.bytes)] as const] : [];
    const headers = [...kept, ...length];
    this.#head = { ...head, headers };
    this.#framing = framing;
    if (framing.kind === 'length') this.#left = framing.bytes;
    if (framing.kind === 'chunked') this.#chunked = new ChunkedBody();
    this.#handler.onHead(this.#head);
  }

  #takeBody(input: Buffer, { kind }: BodyFraming): number {
    if (this.#chunked !== undefined) {
      const { used, data } = this.#chunked.step(input);
      if (data !== undefined) this.#handler.onData(data);
      return used;
    }
    const data = kind === 'length' ? input.subarray(0, this.#left) : input;
    this.#left -= data.length;
    this.#handler.onData(data);
    return data.length;
  }

  #isDone(): boolean {
    if (this.#chunked !== undefined) return this.#chunked.isDone;
    return this.#framing?.kind === 'none' || (this.#framing?.kind === 'length' && this.#left === 0);
  }

  #finish(): void {
    if (this.#isEnded) return;
    if (this.#framing === undefined) this.#beginUnended();
    if (this.#framing?.kind === 'until-close' || this.#chunked?.hasAllData === true || this.#isDone())
      return this.#close();
    throw new errors.SocketError('other side closed'); // before the message was complete
  }

  /** A head whose last line is whole, but not followed by an empty one, is taken where it leaves nothing to be read, such as a redirect. */
  #beginUnended(): void {
    const bytes = this.#heads.takeUnended();
    if (bytes === undefined) return;
    const head = parseResponseHead(bytes);
    if (head.statusCode < 300 || head.statusCode >= 400 || headerValues(head.headers, 'location').length === 0) return;
    this.#begin(bytes);
    if (this.#framing !== undefined) this.#framing = { kind: 'none' };
  }

  #close(): void {
    this.#isEnded = true;
    this.#handler.onEnd();
  }
}

function staysOpen({ isHttp11, headers }: ResponseHead): boolean {
  const words = headerValues(headers, 'connection').flatMap((value) => value.toLowerCase().split(','));
  const says = (word: string) => words.some((each) => each.trim() === word);
  return !says('close') && (isHttp11 || says('keep-alive'));
}

/** There is one length, and it is the body's; or there is none. Else readers could disagree about it. */
function hasPlainLength(headers: readonly HeaderPair[], { kind }: BodyFraming): boolean {
  const [length, ...others] = headerValues(headers, 'content-length');
  if (length === undefined) return true;
  return (kind === 'length' || kind === 'none') && others.length === 0 && /^\d+$/.test(length);
}
