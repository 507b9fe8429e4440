import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/**
 * Carries bytes both ways until both ends have ended. Each may end before the other, and a slow reader slows the writer down. When one end
 * breaks off, the other is cut too, so that a reader does not take the data for complete.
 * @param idleTimeoutMs time without a byte in either direction after which both ends are cut
 */
export function joinSockets(client: Socket, target: Socket, idleTimeoutMs: number): void {
  target.allowHalfOpen = true; // the HTTP server has set it for the client already
  for (const [from, to] of [
    [client, target],
    [target, client],
  ] as const) {
    from.setTimeout(idleTimeoutMs, () => cut(from)); // a byte that passes resets the time-outs of both
    from.on('error', () => cut(to));
    from.on('close', () => {
      if (!from.readableEnded || !to.readableEnded) cut(to);
    });
    from.pipe(to);
  }
  if (client.destroyed) cut(target);
  if (target.destroyed) cut(client);
}

/**
 * Ends a connection by a reset, which no reader takes for a regular end. TLS has its own sign for that, so a plain close suffices there; and
 * after our side has ended, a reset would make Node 20 fail with EINVAL and keep the socket for ever (measured).
 */
export function cut(socket: Socket): void {
  if (socket.destroyed) return;
  if (socket instanceof TLSSocket || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
