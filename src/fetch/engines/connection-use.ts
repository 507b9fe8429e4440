import type { Socket } from 'node:net';
import { Agent, Client, Pool, buildConnector } from 'undici';
import type { Dispatcher } from 'undici';
import type { Connector } from '../../net/dial/connector';

/** The connections that are being dialled, to be aborted together. One AbortSignal for all would get slower with their number. */
export class OpenDials {
  readonly #running = new Set<AbortController>();

  begin(): AbortController {
    const dialling = new AbortController();
    this.#running.add(dialling);
    return dialling;
  }

  end(dialling: AbortController): void {
    this.#running.delete(dialling);
  }

  stopAll(reason: Error): void {
    for (const dialling of [...this.#running]) dialling.abort(reason);
  }
}

/** Observes the one connection that a client has at a time, to tell a connection closed while idle from other failures. */
export class ConnectionUse {
  readonly #dials: OpenDials;
  #socket: Socket | undefined;
  #requests = 0;
  #dialling: AbortController | undefined;

  constructor(dials: OpenDials) {
    this.#dials = dials;
  }

  /** Notes that a request goes out. @returns the bytes read so far, for {@link isSilentSince}; undefined for the first request of a connection */
  begin(): number | undefined {
    this.#requests += 1;
    return this.#requests === 1 ? undefined : this.#socket?.bytesRead;
  }

  /** Tells whether no byte has come since {@link begin} returned `bytesBefore`. Valid only while no other request has gone out. */
  isSilentSince(bytesBefore: number): boolean {
    return this.#socket?.bytesRead === bytesBefore;
  }

  /** Aborts the dialling, because the request that needed the connection has been given up. */
  stopDialling(reason: unknown): void {
    this.#dialling?.abort(reason);
  }

  watching(connect: Connector): Connector {
    return (order, callback) => {
      const dialling = (this.#dialling = this.#dials.begin());
      connect({ ...order, signal: dialling.signal }, (...result) => {
        this.#dials.end(dialling);
        this.#dialling = undefined;
        this.#socket = result[1] ?? undefined;
        this.#requests = 0;
        callback(...result);
      });
    };
  }
}

/** Receives the use of the connection that its request goes over, since undici does not tell handlers. */
export interface UseWatcher {
  use: ConnectionUse | undefined;
}

export interface WatchedDispatch extends Dispatcher.DispatchOptions {
  readonly watcher?: UseWatcher;
}

/** A client with one connection at a time and one request at a time on it. */
export class WatchedClient extends Client {
  readonly #use: ConnectionUse;

  constructor(
    origin: string | URL,
    { connect = {}, ...options }: Client.Options,
    dials: OpenDials,
    use = new ConnectionUse(dials),
  ) {
    const connector = typeof connect === 'function' ? connect : buildConnector(connect);
    super(origin, { ...options, pipelining: 1, connect: use.watching(connector) });
    this.#use = use;
  }

  override dispatch(options: WatchedDispatch, handler: Dispatcher.DispatchHandler): boolean {
    if (options.watcher !== undefined) options.watcher.use = this.#use;
    return super.dispatch(options, handler);
  }
}

/** An agent whose requests learn which connection they go over. */
export function watchedAgent(options: Agent.Options, dials: OpenDials): Agent {
  return new Agent({
    ...options,
    factory: (origin, forPool: Pool.Options) =>
      new Pool(origin, {
        ...forPool,
        factory: (to, forClient: Client.Options) => new WatchedClient(to, forClient, dials),
      }),
  });
}
