import { abortable } from '../../async/until-aborted';
import { askNameServer } from './ask-name-server';
import type { DnsAnswer } from './dns-answer';

export interface AskInTurnOptions {
  /** Name servers, at least one, in the order in which they are asked. */
  readonly servers: readonly string[];
  readonly prefersIpv6: boolean;
  /** Time for each question; the signal bounds all of them together. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Receives the server that gave the answer that counts. */
  readonly onAnswered: (server: string) => void;
}

/** A question or its answer may have been lost, or the server may be down. */
const NEXT_QUESTION_MS = 1_500;
const MIN_QUESTIONS = 3;
/** A single server that has failed or refused is asked again after this time, and then after four times as long: it may have had too much to do. */
const PAUSE_MS = 250;

/**
 * Asks one name server after the other: the next one when the last is silent, fails or refuses. A question that is still open counts when it
 * is answered after all, so a slow server is not given up because another one was asked. Never rejects; at the end no question is open.
 *
 * Node's own dealing with several servers does not suffice: it takes SERVFAIL or REFUSED of the first for the answer (measured, Node 20.20).
 */
export function askInTurn(name: string, options: AskInTurnOptions): Promise<DnsAnswer> {
  const { servers, prefersIpv6, timeoutMs, signal, onAnswered } = options;
  const questions = Math.max(MIN_QUESTIONS, servers.length);
  const ending = new AbortController();
  const outOfTime: DnsAnswer = { kind: 'unanswered', reason: 'ETIMEOUT' };
  let asked = 0;
  let open = 0;
  let timer: NodeJS.Timeout | undefined;

  if (signal.aborted) return Promise.resolve(outOfTime);
  return abortable<DnsAnswer>(signal, ({ resolve: end }) => {
    const askNext = () => {
      const server = servers[asked % servers.length] ?? '';
      asked += 1;
      open += 1;
      void askNameServer({ name, server, timeoutMs, prefersIpv6, signal: ending.signal }).then((answer) => {
        open -= 1;
        if (answer.kind === 'unanswered') return onFailed(answer);
        if (!ending.signal.aborted) onAnswered(server);
        end(answer);
      });
      clearTimeout(timer);
      if (asked < questions) timer = setTimeout(askNext, NEXT_QUESTION_MS);
    };

    const onFailed = (answer: DnsAnswer) => {
      if (ending.signal.aborted) return;
      if (asked < questions) {
        clearTimeout(timer);
        timer = setTimeout(askNext, servers.length === 1 ? PAUSE_MS * 4 ** (asked - 1) : 0);
      } else if (open === 0) end(answer);
    };

    askNext();
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }).catch(() => outOfTime);
}
