import type { Interruption } from '../attempt-clock';
import { headerValue } from '../../http/header-value';
import type { Answer } from './engine';
import { HttpExchange } from './http-exchange';
import { errorOfTrouble } from './impersonate-errors';
import { ANSWER_HEADER, TROUBLE_HEADER, fromHeader } from './impersonate-message';
import type { BrowserAnswer, BrowserTrouble } from './impersonate-message';

/** One order and what a browser process makes of it; body, back-pressure and interruption are those of the exchange with the process. */
export class ImpersonateExchange extends HttpExchange {
  /** The egress proxy made no connection; it knows why. */
  wasTunnelRefused = false;

  constructor(attempt: Interruption) {
    super(attempt);
    this.answer.catch(() => undefined); // may fail before anybody waits for it
  }

  /** The target's answer, taken out of the process's. */
  async unwrapped(): Promise<Answer> {
    const { headers } = await this.answer;
    const answer = headerValue(headers, ANSWER_HEADER);
    if (answer !== undefined) return { ...fromHeader<BrowserAnswer>(answer), body: this };
    await this.readInto(() => undefined);
    const trouble = headerValue(headers, TROUBLE_HEADER);
    if (trouble === undefined) throw new Error('the browser process did not understand');
    const told = fromHeader<BrowserTrouble>(trouble);
    this.wasTunnelRefused = told.tunnelStatus !== undefined;
    throw errorOfTrouble(told);
  }

  /** A body that failed ends with a trailer that says how. */
  override onResponseEnd(controller?: unknown, trailers: Readonly<Record<string, unknown>> = {}): void {
    const trouble = trailers[TROUBLE_HEADER];
    if (typeof trouble === 'string') this.onResponseError(controller, errorOfTrouble(fromHeader(trouble)));
    else super.onResponseEnd();
  }
}
