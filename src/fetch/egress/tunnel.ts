import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/**
 * Carries bytes both ways until both ends have ended; each may end before the other, and a slow reader slows the writer down.
 * What is cut off at one end is cut off at the other too: a reader must not take it for complete.
 * @param idleTimeoutMs without a byte in either direction
 */
export function joinSockets(client: Socket, target: Socket, idleTimeoutMs: number): void {
  target.allowHalfOpen = true; // the client's is so already, as with every HTTP server
  for (const [from, to] of [
    [client, target],
    [target, client],
  ] as const) {
    from.setTimeout(idleTimeoutMs, () => cut(from)); // a byte that goes through counts at both
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
 * By a reset, which no reader takes for an end. Not under TLS, which has its own sign for that; and not when our end has been said already:
 * then there is nothing to be mistaken, and Node 20 would fail with EINVAL and keep the socket for ever (measured).
 */
export function cut(socket: Socket): void {
  if (socket.destroyed) return;
  if (socket instanceof TLSSocket || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
