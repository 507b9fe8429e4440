import { errors } from 'undici';
import type { Dispatcher } from 'undici';
import type { Connector } from '../../net/dial/connector';
import type { ChainCompleter } from '../../net/tls/chain-completer';
import { proxyConnector } from '../proxies/dial-through';
import type { Proxy } from '../proxies/proxy';
import { LenientRequest, requestMessage } from './lenient-request';
import type { RequestMessage } from './lenient-request';

export interface LenientDispatcherOptions {
  /** Connects from the machine's own address, without resuming a TLS session, by which a target could recognise us. */
  readonly connect: Connector;
  readonly chains: ChainCompleter;
  readonly connectTimeoutMs: number;
}

export interface LenientDispatch extends Omit<RequestMessage, 'host'> {
  readonly url: URL;
  /** Undefined: the request goes out directly. */
  readonly proxy: Proxy | undefined;
  /** Called once the connection is done with. @param isStandard true when the answer followed RFC 9112 */
  readonly onDone: (isStandard: boolean) => void;
}

/**
 * Sends requests whose answers are read as browsers read them. Each has a connection of its own, which is never reused: where leniency was
 * needed, two readers could disagree about where the next answer begins.
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
    const signal = this.#closing.signal;
    const target = { protocol, host, hostname: hostname.replace(/^\[|\]$/g, ''), port, signal };
    this.#connectorOf(proxy)(target, (error, socket) => {
      if (error === null) request.start(socket);
      else request.fail(error);
    });
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the fetcher is closed'));
    for (const request of this.#requests) request.fail(new errors.ClientDestroyedError());
  }

  #connectorOf(proxy: Proxy | undefined): Connector {
    const { connect, chains, connectTimeoutMs } = this.#options;
    if (proxy === undefined || proxy.kind === 'direct') return connect;
    return proxyConnector(proxy, { chains, timeoutMs: connectTimeoutMs });
  }
}

const MAX_ORIGINS = 1_000;

/** Origins whose last answer only the lenient parser accepted. Trying the strict one first would cost them two requests per page. */
export class LenientOrigins {
  readonly #origins = new Set<string>();

  has(origin: string): boolean {
    return this.#origins.size > 0 && this.#origins.has(origin);
  }

  note(origin: string, isStandard: boolean): void {
    if (isStandard) {
      if (this.#origins.size > 0) this.#origins.delete(origin);
      return;
    }
    if (this.#origins.size >= MAX_ORIGINS) this.#origins.clear();
    this.#origins.add(origin);
  }
}
