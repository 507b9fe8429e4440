import { errors } from 'undici';
import { headerValues, isName } from '../../http/header-value';
import type { HeaderPair } from '../../http/header-value';
import { framingOf, InvalidResponseError, parseResponseHead } from './response-head';
import type { BodyFraming, ResponseHead } from './response-head';
import { ChunkedBody } from './chunked-body';
import { HeadCollector } from './head-collector';

/** Receives the parts of a response, in this order. */
export interface ResponseHandler {
  /** Takes the head of the final answer, without `transfer-encoding` and with at most one `content-length`. Interim answers (1xx) are skipped. */
  onHead(head: ResponseHead): void;
  /** Takes a part of the body, without its transfer coding. It may pause the parser. */
  onData(chunk: Buffer): void;
  onEnd(): void;
}

/**
 * Reads the response to one request from the bytes of a connection, as leniently as Chromium does. Where a message ends is never guessed;
 * see `framingOf`.
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

  /** True when a part of a response has come. */
  get hasBegun(): boolean {
    return this.#head !== undefined || this.#heads.hasBegun || this.#rest.length > 0;
  }

  /** True while the response follows RFC 9112, as far as it has come. */
  get isStandard(): boolean {
    return this.#isStandard && (this.#chunked?.isStandard ?? true);
  }

  /** True while nothing speaks against another request over the same connection. */
  get mayBeReusable(): boolean {
    if (this.#isClosedByPeer || !this.isStandard || this.#framing?.kind === 'until-close') return false;
    return this.#head !== undefined && staysOpen(this.#head);
  }

  /** True when the connection may serve another request: the response was standard, the message told its end, and nothing came behind it. */
  get isReusable(): boolean {
    return this.#isEnded && this.mayBeReusable && this.#rest.length === 0;
  }

  /** Parses the next bytes. Throws an {@link InvalidResponseError}, or undici's HeadersOverflowError. */
  push(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#run();
  }

  /** Stops calls of the handler until {@link resume}. */
  pause(): void {
    this.#isPaused = true;
  }

  /** Continues after {@link pause}. Throws as {@link push} does. */
  resume(): void {
    this.#isPaused = false;
    this.#run();
    if (this.#isClosedByPeer && !this.#isPaused) this.#finish();
  }

  /** Notes that the peer has closed its side. Throws when the response is not complete. */
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
      if (head.statusCode === 100) this.#isStandard = false; // No request asks for it.
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
    throw new errors.SocketError('other side closed'); // the message is not complete
  }

  /** Accepts a head without the empty line behind it where no body is needed: a redirect. */
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

/** Tells whether there is no length, or one that frames the body; with others, readers could disagree about the end. */
function hasPlainLength(headers: readonly HeaderPair[], { kind }: BodyFraming): boolean {
  const [length, ...others] = headerValues(headers, 'content-length');
  if (length === undefined) return true;
  return (kind === 'length' || kind === 'none') && others.length === 0 && /^\d+$/.test(length);
}
