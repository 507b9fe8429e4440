import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect } from 'node:tls';
import type { ConnectionOptions, SecureContext, TLSSocket } from 'node:tls';
import { errors } from 'undici';
import { abortable } from '../../async/until-aborted';
import type { TlsSessions } from './tls-sessions';

export interface StartTlsOptions {
  /** The name or IP literal, without brackets, that the certificate has to be for. */
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  /** The authorities to trust. */
  readonly secureContext: SecureContext;
  /** Undefined: no session is resumed and none is kept. */
  readonly sessions?: TlsSessions | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The other side closed the connection in the middle of the TLS handshake: it rejects something about our ClientHello, or does not speak TLS. */
class TlsClosedError extends Error {
  readonly code = 'TLS_CLOSED';

  constructor(host: string, options?: ErrorOptions) {
    super(`${host} closed the connection during the TLS handshake`, options);
    this.name = 'TlsClosedError';
  }
}

/**
 * Starts TLS over an existing connection, with the usual check of certificates. Rejects with what was wrong, or with the signal's
 * reason; then the socket is closed.
 */
export function startTls(socket: Socket, options: StartTlsOptions): Promise<TLSSocket> {
  const { host, port, sessions } = options;
  const authority = `${host}:${port}`;
  const session = sessions?.get(authority);
  const secured = connect({ ...tlsOptionsOf(socket, options), ...(session !== undefined && { session }) });
  if (sessions !== undefined) secured.on('session', (ticket: Buffer) => sessions.set(authority, ticket));
  return handshake(secured, socket, options);
}

/** The options that every TLS connection to a target begins with. */
export function tlsOptionsOf(
  socket: Socket,
  { host, secureContext }: Pick<StartTlsOptions, 'host' | 'secureContext'>,
): ConnectionOptions {
  return {
    ...{ socket, host, secureContext },
    ALPNProtocols: ['http/1.1'],
    ...(isIP(host) === 0 && { servername: host }), // RFC 6066 §3 allows no IP literals
  };
}

/** Waits for the end of a handshake. When it fails, both sockets are destroyed. */
export function handshake(
  secured: TLSSocket,
  socket: Socket,
  { host, timeoutMs, signal }: Pick<StartTlsOptions, 'host' | 'timeoutMs' | 'signal'>,
): Promise<TLSSocket> {
  return abortable(signal, ({ resolve, reject }) => {
    const fail = (error: Error) => reject(isClosing(error) ? new TlsClosedError(host, { cause: error }) : error);
    const onClose = () => reject(new TlsClosedError(host));
    const onTime = () => reject(new errors.ConnectTimeoutError(`TLS with ${host} took too long`));
    const timer = setTimeout(onTime, Math.max(1, timeoutMs));
    secured.on('error', fail); // it stays: nobody else may be listening when a later error comes
    secured.once('close', onClose);
    secured.once('secureConnect', () => resolve(secured));
    return (isResolved) => {
      clearTimeout(timer);
      secured.off('close', onClose);
      if (isResolved) return;
      secured.destroy();
      socket.destroy();
    };
  });
}

const CLOSING: ReadonlySet<unknown> = new Set(['ECONNRESET', 'ECONNABORTED', 'EPIPE']);
const isClosing = (error: Error & { readonly code?: unknown }): boolean => CLOSING.has(error.code);
