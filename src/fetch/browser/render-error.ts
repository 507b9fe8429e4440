/** Why a page did not come out of the browser. A code of `networkErrorOf` is possible as well, such as ECONNREFUSED. */
export type RenderErrorCode =
  /** It could not be started, or reached. */
  | 'BROWSER_UNAVAILABLE'
  | 'BROWSER_CRASHED'
  | 'PAGE_CRASHED'
  | 'FETCHER_CLOSED'
  | 'ATTEMPT_TIMEOUT'
  /** The answer is neither HTML nor a file that could be taken. */
  | 'NOT_A_DOCUMENT'
  | 'SELECTOR_NOT_FOUND'
  | 'SELECTOR_INVALID'
  | 'INSTRUCTION_FAILED'
  | 'TOO_MANY_REDIRECTS'
  | 'TOO_MANY_POPUPS'
  | 'SCREENSHOT_TOO_LARGE';

/** The browser did not bring the page. Another attempt may. */
export class RenderError extends Error {
  readonly code: string;

  /** @param what holds nothing secret: it may be logged and stored */
  constructor(code: RenderErrorCode | (string & {}), what: string, options?: ErrorOptions) {
    super(what, options);
    this.name = 'RenderError';
    this.code = code;
  }
}
