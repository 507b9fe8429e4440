import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { NativeConnection } from '@temporalio/worker';
import { READY } from '../net/reach';
import type { Reach } from '../net/reach';

const ANSWER_WITHIN_MS = 5_000;

export interface TemporalPlace {
  /** `host:port` */
  readonly address: string;
  readonly namespace: string;
}

/** Connects once, as everfetch will, and asks for the namespace. It takes at most some 10 s, and never rejects. */
export async function probeTemporal({ address, namespace }: TemporalPlace): Promise<Reach> {
  const connecting = NativeConnection.connect({ address });
  try {
    const connection = await inTime(connecting);
    await connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
    return READY;
  } catch (error) {
    return await reachOf(error, { address, namespace });
  } finally {
    connecting.then((connection) => connection.close()).catch(() => undefined);
  }
}

class NoAnswerError extends Error {}

/** Limits the time, because the SDK waits for ever for a server that accepts a connection and sends nothing. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  const patience = new AbortController();
  const late = sleep(ANSWER_WITHIN_MS, undefined, { signal: patience.signal, ref: false }).then(() => {
    throw new NoAnswerError();
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    patience.abort();
    late.catch(() => undefined);
  }
}

const NO_FRONTEND: Reach = {
  kind: 'refused',
  why: 'what listens there is no Temporal frontend',
  advice: 'set TEMPORAL_ADDRESS to its gRPC port (7233 mostly, not that of the Web UI)',
};
const refused = (why: string, advice: string): Reach => ({ kind: 'refused', why, advice });
const waiting = (why: string): Reach => ({ kind: 'waiting', why });

/** Status codes of gRPC: https://grpc.io/docs/guides/status-codes/ */
const STATUS = { notFound: 5, permissionDenied: 7, unimplemented: 12, unauthenticated: 16 } as const;

/**
 * Explains an error. A call fails with a status, a connection with a text of the SDK's Rust part that names the status in words (SDK 1.24).
 */
async function reachOf(error: unknown, { address, namespace }: TemporalPlace): Promise<Reach> {
  if (error instanceof NoAnswerError) return waiting(`it does not answer within ${ANSWER_WITHIN_MS / 1_000} s`);
  const { code, message } = error as { readonly code?: unknown; readonly message: string };
  if (code === STATUS.notFound)
    return refused(`it has no namespace "${namespace}"`, 'create it, or correct TEMPORAL_NAMESPACE');
  if (code === STATUS.unauthenticated || /valid authentication credentials/.test(message))
    return refused(
      'it asks for credentials, which everfetch does not send',
      'set TEMPORAL_ADDRESS to a frontend without',
    );
  if (code === STATUS.permissionDenied || /does not have permission/.test(message))
    return refused(
      `it does not let everfetch use the namespace "${namespace}"`,
      'correct TEMPORAL_NAMESPACE, or the permissions there',
    );
  if (code === STATUS.unimplemented || /not implemented or not supported|http2 error|FRAME_SIZE_ERROR/.test(message))
    return NO_FRONTEND;
  const isBroken = /transport error|connection closed/.test(message);
  if (isBroken) {
    if (await speaksTls(address))
      return refused(
        'it requires TLS, which everfetch does not speak to Temporal',
        'set TEMPORAL_ADDRESS to a frontend without',
      );
    if (await speaksHttp1(address)) return NO_FRONTEND;
  }
  if (/ConnectionRefused/.test(message)) return waiting('nobody listens there');
  if (/dns error/.test(message)) return waiting('the name is not known');
  return waiting(
    isBroken || /tcp connect error/.test(message) ? 'it breaks the connection' : `it answers "${message}"`,
  );
}

const hostAndPort = (address: string) => ({
  host: address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1'),
  port: Number(address.replace(/^.*:/, '')),
});

function speaksTls(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    // Only the handshake matters; nothing is sent over the connection.
    const socket = connectTls({
      ...hostAndPort(address),
      ...{ rejectUnauthorized: false, ALPNProtocols: ['h2'], timeout: ANSWER_WITHIN_MS },
    });
    const end = (isTls: boolean): void => {
      socket.destroy();
      resolve(isTls);
    };
    socket.once('secureConnect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', (error: NodeJS.ErrnoException) => end(/^ERR_SSL_TLSV1/.test(error.code ?? ''))); // the server wants a client certificate
  });
}

/** A web server ends a connection that does not begin with HTTP/1, and what it says about that may be lost with the connection. */
function speaksHttp1(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...hostAndPort(address), timeout: ANSWER_WITHIN_MS });
    const end = (isHttp: boolean): void => {
      socket.destroy();
      resolve(isHttp);
    };
    socket.once('connect', () => socket.write('GET / HTTP/1.0\r\n\r\n'));
    socket.once('data', (start: Buffer) => end(start.toString('latin1').startsWith('HTTP/1.')));
    for (const event of ['timeout', 'error', 'close']) socket.once(event, () => end(false));
  });
}
