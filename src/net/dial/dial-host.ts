import { isIP } from 'node:net';
import type { LookupFunction, Socket } from 'node:net';
import { errors } from 'undici';
import { AddressRace } from './address-race';
import { orderAddresses } from './order-addresses';
import { tellingError } from './telling-error';

export interface DialTarget {
  /** A name or an IP literal without brackets. */
  readonly host: string;
  readonly port: number;
}

export interface DialHostOptions {
  /** Decides which addresses are dialled: all that it answers, and no others. It is not asked for IP literals. */
  readonly lookup: LookupFunction;
  /** Limit for the lookup and the connection together. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly highWaterMark?: number;
  /** @default undici's ConnectTimeoutError */
  readonly timeoutError?: () => Error;
}

/**
 * Every connection to another host is made here: each address of the host gets a real chance within the time, and the first that
 * answers wins. Rejects with the most telling error of the addresses, with what the lookup said, or with the signal's reason; then no socket
 * stays open. The caller destroys the socket, which has a listener for `error` already, so that a failure nobody waits for does not end the
 * process.
 */
export function dialHost({ host, port }: DialTarget, options: DialHostOptions): Promise<Socket> {
  const { lookup, timeoutMs, signal, highWaterMark } = options;
  const { timeoutError = () => new errors.ConnectTimeoutError(`connecting to ${host}:${port} took too long`) } =
    options;
  return new Promise((resolve, reject) => {
    let race: AddressRace | undefined;
    let isOver = false;
    const end = (): boolean => {
      if (isOver) return false;
      isOver = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      return true;
    };
    const fail = (error: Error) => {
      if (!end()) return;
      race?.stop();
      reject(error);
    };
    const failWith = (tooLate: Error | undefined) =>
      fail(tellingError({ errors: race?.errors ?? [], tooLate }) ?? timeoutError());
    const onAbort = () => fail(signal?.reason as Error); // as: whatever it is, it is handed on
    const timer = setTimeout(() => failWith(timeoutError()), timeoutMs);

    const start = (answers: Parameters<typeof orderAddresses>[0]) => {
      race = new AddressRace(orderAddresses(answers), {
        port,
        highWaterMark,
        onConnected: (socket) => void (end() ? resolve(socket) : socket.destroy()),
        onFailed: () => failWith(undefined),
      });
      race.startNext();
    };

    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted === true) return onAbort();
    const family = isIP(host);
    if (family !== 0) return start([{ address: host, family }]);
    lookup(host, { all: true }, (error, answers) => {
      if (isOver) return;
      if (error) return fail(error);
      if (!Array.isArray(answers) || answers.length === 0)
        return fail(Object.assign(new Error(`no address for ${host}`), { code: 'ENOTFOUND' }));
      start(answers);
    });
  });
}
