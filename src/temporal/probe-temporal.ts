import { connect } from 'node:tls';
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
    return refused(
      'what listens there is no Temporal frontend',
      'set TEMPORAL_ADDRESS to its gRPC port (7233 mostly, not that of the Web UI)',
    );
  if (/transport error/.test(message) && (await speaksTls(address)))
    return refused(
      'it requires TLS, which everfetch does not speak to Temporal',
      'set TEMPORAL_ADDRESS to a frontend without',
    );
  if (/ConnectionRefused/.test(message)) return waiting('nobody listens there');
  if (/dns error/.test(message)) return waiting('the name is not known');
  return waiting(
    /transport error|tcp connect error/.test(message) ? 'it breaks the connection' : `it answers "${message}"`,
  );
}

function speaksTls(address: string): Promise<boolean> {
  const host = address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  const port = Number(address.replace(/^.*:/, ''));
  return new Promise((resolve) => {
    // Only the handshake matters; nothing is sent over the connection.
    const socket = connect({ host, port, rejectUnauthorized: false, ALPNProtocols: ['h2'], timeout: ANSWER_WITHIN_MS });
    const end = (isTls: boolean): void => {
      socket.destroy();
      resolve(isTls);
    };
    socket.once('secureConnect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', (error: NodeJS.ErrnoException) => end(/^ERR_SSL_TLSV1/.test(error.code ?? ''))); // the server wants a client certificate
  });
}
