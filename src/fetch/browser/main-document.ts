import type { CDPSession } from 'playwright-core';
import { BodyTooLargeError } from '../../http/body-errors';
import { headerValue } from '../../http/header-value';
import type { HeaderPair } from '../../http/header-value';
import { isRedirectStatus, nextRequest } from '../next-request';
import type { HopRequest } from '../next-request';
import type { RenderOrder } from './browser-engine';
import { headersOfHop, isFile, readBodyStream, refusalIn } from './document-exchange';
import type { PausedRequest } from './document-exchange';
import { NavigationWatch } from './navigation-watch';
import { isCutOff, netErrorIn, networkErrorOf, RenderError } from './render-error';
import type { NetError } from './render-error';

/** The head of the answer that contained the page. */
export interface DocumentHead {
  readonly url: string;
  readonly statusCode: number;
  readonly statusText: string;
  readonly headers: readonly HeaderPair[];
  readonly networkId: string | undefined;
}

export interface MainDocumentDeps {
  readonly session: CDPSession;
  readonly mainFrameId: string;
  readonly order: RenderOrder;
  /** Throws when the guard refuses. */
  readonly assertUrl: (url: URL) => void;
  readonly credentials: { readonly username: string; readonly password: string };
  readonly maxBodyBytes: number;
}

/**
 * Intercepts the requests for documents: adds the caller's headers and body, provides the credentials of the egress proxy, and takes files
 * before a viewer or the download folder gets them. Other requests are left to the browser.
 */
export class MainDocument {
  /** Head of the last answer that is no redirect. */
  head: DocumentHead | undefined;
  /** The body of that answer, when it is a file and not a page. */
  file: Buffer | undefined;
  /** URL of the last request. */
  url: string;
  /** Error of the network for that request. */
  netError: NetError | undefined;
  isTakingFile = false;
  /** Rejects as soon as waiting for the page is useless. */
  readonly failed: Promise<never>;
  readonly navigation: NavigationWatch;
  readonly #deps: MainDocumentDeps;
  #networkId: string | undefined;
  #documentBytes = 0;
  /** Request that the next document request becomes; undefined once the caller's navigation has been answered. */
  #hop: HopRequest | undefined;
  #fail: (error: unknown) => void = () => undefined;
  /** `set-cookie` lines by request, because intercepted answers do not show them. */
  readonly #setCookies = new Map<string, readonly string[]>();
  readonly #challenged = new Set<string>();

  constructor(deps: MainDocumentDeps) {
    this.#deps = deps;
    const { url, method, headers, body } = deps.order;
    this.#hop = { url, method, body, callerHeaders: headers, authorization: undefined };
    this.url = url.href;
    this.failed = new Promise<never>((_resolve, reject) => (this.#fail = reject));
    this.failed.catch(() => undefined);
    this.navigation = new NavigationWatch(deps.session, deps.mainFrameId);
  }

  async watch(): Promise<void> {
    const { session, credentials } = this.#deps;
    session.on('Fetch.authRequired', ({ requestId, authChallenge }) => {
      // Credentials are provided once per request, because the proxy would refuse them again. Challenges of sites are cancelled.
      const isOurs = authChallenge.source === 'Proxy' && !this.#challenged.has(requestId);
      this.#challenged.add(requestId);
      const answer = isOurs
        ? { response: 'ProvideCredentials' as const, ...credentials }
        : { response: 'CancelAuth' as const };
      this.#quietly(session.send('Fetch.continueWithAuth', { requestId, authChallengeResponse: answer }));
    });
    session.on('Fetch.requestPaused', (paused) => this.#quietly(this.#onPaused(paused)));
    session.on('Network.responseReceivedExtraInfo', ({ requestId, headers }) => {
      const lines = Object.entries(headers).filter(([name]) => name.toLowerCase() === 'set-cookie');
      if (lines.length > 0 && this.#setCookies.size < 100)
        this.#setCookies.set(
          requestId,
          lines.flatMap(([, value]) => value.split('\n')),
        );
    });
    session.on('Network.loadingFailed', ({ requestId, errorText }) => {
      if (requestId !== this.#networkId) return;
      this.netError = netErrorIn(errorText);
      // Chromium keeps a truncated document, and never reports it as complete.
      const isPage = requestId === this.head?.networkId && this.file === undefined && !this.isTakingFile;
      if (isPage && this.netError !== undefined && isCutOff(this.netError)) this.#fail(networkErrorOf(this.netError));
    });
    const patterns = (['Request', 'Response'] as const).map((requestStage) => ({
      resourceType: 'Document' as const,
      requestStage,
    }));
    await Promise.all([
      session.send('Network.enable'),
      session.send('Page.enable'),
      session.send('Fetch.enable', { handleAuthRequests: true, patterns }),
    ]);
  }

  /** Counts bytes of a request. A document that is too large fails; files are counted where they are read. */
  count(requestId: string, bytes: number): void {
    if (requestId !== this.head?.networkId) return;
    this.#documentBytes += bytes;
    const { maxBodyBytes } = this.#deps;
    if (this.#documentBytes > maxBodyBytes) this.#fail(new BodyTooLargeError(maxBodyBytes));
  }

  /** Ignores the errors of a context that is being closed. */
  #quietly(work: Promise<unknown>): void {
    work.catch(() => undefined);
  }

  async #onPaused(paused: PausedRequest): Promise<void> {
    const { session, mainFrameId } = this.#deps;
    if (paused.frameId !== mainFrameId) await session.send('Fetch.continueRequest', { requestId: paused.requestId });
    else if (paused.responseErrorReason !== undefined || paused.responseStatusCode !== undefined)
      await this.#onAnswer(paused, paused.responseStatusCode);
    else await this.#onRequest(paused);
  }

  async #onRequest({ requestId, networkId, request }: PausedRequest): Promise<void> {
    const { session, assertUrl } = this.#deps;
    this.url = request.url;
    this.#networkId = networkId;
    this.netError = undefined;
    try {
      assertUrl(new URL(request.url));
    } catch (error) {
      this.#fail(error);
      await session.send('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' });
      return;
    }
    const hop = this.#hop;
    await session.send('Fetch.continueRequest', {
      requestId,
      ...(hop !== undefined && headersOfHop(hop, request.headers)),
    });
  }

  async #onAnswer(paused: PausedRequest, statusCode: number | undefined): Promise<void> {
    const { requestId, networkId, request } = paused;
    const { session, order } = this.#deps;
    if (statusCode === undefined) {
      await session.send('Fetch.continueRequest', { requestId });
      return;
    }
    const cookies = this.#setCookies.get(networkId ?? '') ?? [];
    this.#setCookies.delete(networkId ?? '');
    const headers: HeaderPair[] = [
      ...(paused.responseHeaders ?? []).map(({ name, value }): HeaderPair => [name, value]),
      ...cookies.map((value): HeaderPair => ['set-cookie', value]),
    ];
    const refusal = refusalIn(request.url, headers);
    if (refusal !== undefined) {
      this.#fail(refusal);
      await session.send('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' });
      return;
    }
    const location = headerValue(headers, 'location');
    const isRedirect = isRedirectStatus(statusCode) && location !== undefined && location !== '';
    if (isRedirect && order.followRedirects !== false) {
      this.#hop &&= nextRequest({ ...this.#hop, url: new URL(request.url) }, statusCode, location);
      await session.send('Fetch.continueRequest', { requestId });
      return;
    }
    this.#hop = undefined;
    this.file = undefined;
    this.#documentBytes = 0;
    this.head = { url: request.url, statusCode, statusText: paused.responseStatusText ?? '', headers, networkId };
    // CDP offers no body of a redirect, and nobody reads it.
    if (isRedirect) await this.#endAs(requestId, Buffer.alloc(0));
    else if (isFile(statusCode, headers)) await this.#takeFile(requestId);
    else await session.send('Fetch.continueRequest', { requestId });
  }

  async #takeFile(requestId: string): Promise<void> {
    const { session, maxBodyBytes } = this.#deps;
    this.isTakingFile = true;
    const head = this.head;
    try {
      const body = await readBodyStream(session, requestId, maxBodyBytes);
      if (body === undefined) this.#fail(new BodyTooLargeError(maxBodyBytes));
      if (head === this.head) await this.#endAs(requestId, body); // Otherwise the page has navigated meanwhile.
    } catch (error) {
      this.#fail(new RenderError('INCOMPLETE_BODY', 'the file could not be read', { cause: error }));
    } finally {
      this.isTakingFile = false;
    }
  }

  async #endAs(requestId: string, file: Buffer | undefined): Promise<void> {
    this.file = file;
    this.navigation.end();
    await this.#deps.session.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' }).catch(() => undefined);
  }
}
