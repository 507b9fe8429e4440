import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Guard } from '../../net/guard';
import { dialThrough } from '../proxies/dial-through';
import type { Proxy } from '../proxies/proxy';
import { ConnectionLimit } from './connection-limit';
import { createDialler, authorityOf, targetOfAuthority, targetOfUrl } from './egress-target';
import { MAX_HEADER_BYTES, RequestForwarder } from './forward-request';
import { RefusedError, answerRefusal, refuseTunnel } from './refusal';
import { joinSockets } from './tunnel';
import { OutboundRoutes } from './outbound-routes';
import type { OutboundRoute } from './outbound-routes';

/** Address of the egress proxy for an engine that resolves and dials by itself. The proxy is on loopback and guards every connection. */
export interface EgressAddress {
  /** `http://127.0.0.1:<port>` */
  readonly server: string;
  /** The credentials name the outbound route, and keep other processes of the machine from using it. */
  readonly username: string;
  readonly password: string;
}

export interface EgressProxy {
  /** Returns the address for traffic that leaves through `proxy`, or directly without one. It is the same for the same proxy. */
  addressFor(proxy: Proxy | undefined): EgressAddress;
  /**
   * Returns why the last connection through `proxy` to the host and port of `url` failed: a `ForbiddenTargetError` or an error of the
   * network. Engines see no more than a failed tunnel. Undefined when it was made, or nobody tried lately.
   */
  troubleOf(proxy: Proxy | undefined, url: URL): unknown;
  /** Cuts every connection. */
  close(): Promise<void>;
}

export interface EgressProxyDeps {
  readonly guard: Guard;
  /** Maximum number of client connections; each has at most one to a target. One more ends the one idle for the longest time. @default 2,048 */
  readonly maxConnections?: number;
  /** Time without a byte in either direction after which a connection is cut. @default 60 s */
  readonly idleTimeoutMs?: number;
  /** @default 10 s */
  readonly connectTimeoutMs?: number;
}

const HEADERS_TIMEOUT_MS = 10_000;

/**
 * A forward and CONNECT proxy (RFC 9110 §9.3.6, RFC 9112 §3.2.2) for engines that resolve and dial on their own: Chromium and impit.
 * Requests are forwarded as a direct client would send them, so that a target sees no proxy.
 */
export async function createEgressProxy(deps: EgressProxyDeps): Promise<EgressProxy> {
  const { maxConnections = 2_048, idleTimeoutMs = 60_000, connectTimeoutMs = 10_000 } = deps;
  const dial = createDialler({ guard: deps.guard, dialThrough, connectTimeoutMs });
  const routes = new OutboundRoutes();
  const forwarder = new RequestForwarder(dial);
  const tunnels = new Set<Duplex>();
  const limit = new ConnectionLimit(maxConnections);

  const server = createServer({
    insecureHTTPParser: false, // the strict parser refuses ambiguous messages, by which requests are smuggled
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: 0, // a long upload ends by the idle time-out
    keepAliveTimeout: idleTimeoutMs,
    connectionsCheckingInterval: HEADERS_TIMEOUT_MS,
  });
  // With `server.maxConnections` Node would drop the newcomer, and the idle connections that engines keep to every site would keep all
  // others out.
  server.on('connection', (socket) => limit.admit(socket));
  server.setTimeout(idleTimeoutMs);

  /** Throws a {@link RefusedError}. */
  const routeOf = (req: IncomingMessage): OutboundRoute => {
    const route = routes.of(req.headers['proxy-authorization']);
    if (route === undefined) throw new RefusedError(407);
    return route;
  };

  server.on('request', (req, res) => {
    try {
      forwarder.forward(req, res, routeOf(req), targetOfUrl(req.url ?? ''));
    } catch (error) {
      answerRefusal(res, error);
    }
  });

  // Without an 'upgrade' listener Node treats such a request as an ordinary one and drops the upgrade, which RFC 9110 §7.8 allows.
  // Chromium's WebSockets come as CONNECT, whatever their scheme.
  server.on('connect', (req: IncomingMessage, socket: Socket, head: Buffer) => {
    tunnels.add(socket);
    socket.on('close', () => tunnels.delete(socket));
    socket.on('error', () => socket.destroy());
    void openTunnel(req, socket, head).catch((error: unknown) => refuseTunnel(socket, error));
  });

  const openTunnel = async (req: IncomingMessage, socket: Socket, head: Buffer): Promise<void> => {
    const route = routeOf(req);
    const target = targetOfAuthority(req.url ?? '');
    const gone = new AbortController();
    const onGone = () => gone.abort();
    socket.once('close', onGone);
    const upstream = await dial(route, target, gone.signal);
    socket.off('close', onGone);
    tunnels.add(upstream);
    upstream.on('close', () => tunnels.delete(upstream));
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    if (head.length > 0) upstream.write(head);
    joinSockets(socket, upstream, idleTimeoutMs);
  };

  server.on('clientError', (_error, socket) => {
    refuseTunnel(socket, new RefusedError(400));
  });

  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  server.on('error', () => undefined); // A connection could not be accepted.
  const { port } = server.address() as AddressInfo; // as: a TCP server that listens has one
  const address = `http://127.0.0.1:${port}`;

  return {
    addressFor: (proxy) => {
      const { username, password } = routes.for(proxy);
      return { server: address, username, password };
    },
    troubleOf: (proxy, url) => routes.for(proxy).troubles.get(authorityOf(url)),
    async close() {
      limit.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      for (const socket of tunnels) socket.destroy();
      await closed;
    },
  };
}
