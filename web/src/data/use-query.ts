import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { isConnectionTrouble, messageOf } from '../api/errors';
import { signOutIfRefused } from '../session/session';
import { noteAnswer, noteLoss, retryDelayMs } from './connection';
import { useIsVisible } from './use-is-visible';

export interface Query<Data> {
  /** The last answer. While another one is on its way it stays, so that nothing jumps. */
  readonly data: Data | undefined;
  /** Why there is no answer. Trouble with the connection is told by the banner as well, and is tried again by itself. */
  readonly error: unknown;
  /** True while `data` belongs to an earlier key, for example to the filters of before. */
  readonly isStale: boolean;
  /** Asks again at once. */
  readonly refresh: () => void;
}

export interface QueryOptions {
  /** Time between an answer and the next question (ms); none are asked while the page is hidden. Without it, it is asked once. */
  readonly pollMs?: number | undefined;
}

interface State<Data> {
  readonly key: string;
  readonly data?: Data;
  readonly error?: unknown;
}

/**
 * Asks the service, and again when `key` changes or `pollMs` has passed. `key` names all that the question depends on.
 * Requests that fail for want of a connection are repeated for as long as it takes.
 */
export function useQuery<Data>(
  key: string,
  ask: (signal: AbortSignal) => Promise<Data>,
  { pollMs }: QueryOptions = {},
): Query<Data> {
  const [state, setState] = useState<State<Data>>({ key });
  const [round, setRound] = useState(0);
  const isVisible = useIsVisible();
  const isAsked = isVisible || pollMs === undefined;
  const latest = useRef(ask);
  latest.current = ask;
  const refresh = useCallback(() => setRound((number) => number + 1), []);

  useEffect(() => {
    if (!isAsked) return undefined;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;
    const again = (ms: number): void => void (timer = setTimeout(() => void run(), ms));
    const run = async (): Promise<void> => {
      try {
        const data = await latest.current(abort.signal);
        if (abort.signal.aborted) return;
        failures = 0;
        noteAnswer();
        setState({ key, data });
        if (pollMs !== undefined) again(pollMs);
      } catch (error) {
        if (abort.signal.aborted) return;
        signOutIfRefused(error);
        if (isConnectionTrouble(error)) noteLoss(messageOf(error));
        else noteAnswer();
        setState((before) => ({
          ...(before.key === key && before.data !== undefined && { data: before.data }),
          ...{ key, error },
        }));
        failures += 1;
        if (isConnectionTrouble(error)) again(retryDelayMs(failures));
        else if (pollMs !== undefined) again(Math.max(pollMs, retryDelayMs(failures)));
      }
    };
    void run();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [key, pollMs, round, isAsked]);

  const isStale = state.key !== key;
  return { data: state.data, error: isStale ? undefined : state.error, isStale, refresh };
}
