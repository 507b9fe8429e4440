import { buildConnector, errors } from 'undici';
import type { Agent, Dispatcher } from 'undici';
import type { Proxy } from '../proxies/proxy';
import { proxyConnector } from '../engines/proxy-connector';
import { LenientRequest } from './lenient-request';
import { requestMessage } from './request-message';
import type { RequestMessage } from './request-message';

export interface LenientDispatcherOptions {
  /** How the usual agent connects. */
  readonly connect: NonNullable<Agent.Options['connect']>;
  readonly connectTimeoutMs: number;
}

export interface LenientDispatch extends Omit<RequestMessage, 'host'> {
  readonly url: URL;
  /** Undefined: directly. */
  readonly proxy: Proxy | undefined;
  /** @param isStandard the answer was as RFC 9112 wants it */
  readonly onDone: (isStandard: boolean) => void;
}

/**
 * Sends requests whose answers are read as browsers read them, and not as the RFCs want them. Each has a connection of its own, which is
 * never used again: on one where leniency was needed, two readers could disagree about where the next answer begins.
 */
export class LenientDispatcher {
  readonly #options: LenientDispatcherOptions;
  readonly #closing = new AbortController();
  readonly #requests = new Set<LenientRequest>();

  constructor(options: LenientDispatcherOptions) {
    this.#options = options;
  }

  dispatch({ url, proxy, onDone, ...message }: LenientDispatch, handler: Dispatcher.DispatchHandler): void {
    if (this.#closing.signal.aborted) {
      handler.onResponseError?.(undefined as never, new errors.ClientDestroyedError()); // as: without a request, as undici does it
      return;
    }
    const request = new LenientRequest({
      method: message.method,
      message: requestMessage({ ...message, host: url.host }),
      handler,
      onDone: (isStandard) => {
        this.#requests.delete(request);
        onDone(isStandard);
      },
    });
    this.#requests.add(request);
    request.begin();
    if (request.aborted) return;
    const { protocol, host, hostname, port } = url;
    const target = { protocol, host, hostname: hostname.replace(/^\[|\]$/g, ''), port };
    this.#connectorOf(proxy)(target, (error, socket) => {
      if (error === null) request.start(socket);
      else request.fail(error);
    });
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the fetcher is closed'));
    for (const request of this.#requests) request.fail(new errors.ClientDestroyedError());
  }

  /** A new one each time: it keeps no TLS session, by which a target could tell that it has met us before. */
  #connectorOf(proxy: Proxy | undefined): buildConnector.connector {
    const { connect, connectTimeoutMs } = this.#options;
    if (proxy !== undefined && proxy.kind !== 'direct')
      return proxyConnector(proxy, { timeoutMs: connectTimeoutMs, signal: this.#closing.signal });
    return typeof connect === 'function' ? connect : buildConnector(connect);
  }
}
