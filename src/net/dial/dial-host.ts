import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import type { LookupFunction, Socket } from 'node:net';
import { errors } from 'undici';
import { AddressRace } from './address-race';

export interface DialTarget {
  /** A name or an IP literal without brackets. */
  readonly host: string;
  readonly port: number;
}

interface DialHostOptions {
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

/** No site needs more addresses. A resolver that somebody else controls must not make us try hundreds. */
const MAX_ADDRESSES = 32;

/**
 * Orders addresses as they are to be tried: as the resolver gave them, but alternating between the families (RFC 8305 §4), so that a
 * family that does not work here costs one attempt and not as many as it has addresses.
 */
function orderAddresses(answers: readonly LookupAddress[]): readonly LookupAddress[] {
  if (answers.length < 2) return answers;
  const unique = [...new Map(answers.map((answer) => [answer.address, answer])).values()].slice(0, MAX_ADDRESSES);
  const preferred = unique.filter(({ family }) => family === unique[0]?.family);
  const others = unique.filter(({ family }) => family !== unique[0]?.family);
  const rounds = Math.max(preferred.length, others.length);
  return Array.from({ length: rounds }, (_, round) => [preferred[round], others[round]])
    .flat()
    .filter((answer) => answer !== undefined);
}

/** The rank of silence: a time limit of the system or of ours was over. */
const SILENCE = 2;

/**
 * Ranks error codes by how much they tell about a host, the most telling first: somebody is there and declines, nobody answers, and last
 * what this machine itself may lack, such as a route to IPv6. A code that is not listed comes after silence.
 */
const RANKS: Readonly<Record<string, number>> = {
  ECONNREFUSED: 0,
  ECONNRESET: 1,
  ETIMEDOUT: SILENCE,
  EHOSTUNREACH: 4,
  ENETUNREACH: 5,
  EADDRNOTAVAIL: 6,
  EAFNOSUPPORT: 6,
  EINVAL: 6,
};
const UNRANKED = 3;

interface DialFailures {
  /** Errors of the addresses that could not be connected to. */
  readonly errors: readonly Error[];
  /** The error to give when time ran out while other addresses were still being tried. */
  readonly tooLate: Error | undefined;
}

/** The error that tells most about why none of a host's addresses could be connected to. */
function tellingError({ errors, tooLate }: DialFailures): Error | undefined {
  const [best] = [...errors].sort((left, right) => rankOf(left) - rankOf(right));
  if (best === undefined || (tooLate !== undefined && rankOf(best) >= SILENCE)) return tooLate ?? best;
  return best;
}

function rankOf(error: Error & { readonly code?: unknown }): number {
  return (typeof error.code === 'string' ? RANKS[error.code] : undefined) ?? UNRANKED;
}
