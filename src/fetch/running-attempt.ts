import type { AttemptClock } from './attempt-clock';
import type { SessionCookies } from './cookie-jar';
import type { FetchRoute } from './fetch-route';

/** One attempt on its way. */
export interface RunningAttempt {
  readonly clock: AttemptClock;
  readonly route: FetchRoute;
  readonly session: SessionCookies | undefined;
  /** It waited for something else since its host's turn had come. */
  hasWaited: boolean;
  /** Whose turn it was when the attempt got its slot. */
  readonly firstHost: string;
  /** That was asked last. */
  host: string;
}
