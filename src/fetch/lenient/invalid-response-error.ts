/** A server answered what not even browsers take for an HTTP response. Its code is one that `error-codes.ts` knows. */
export class InvalidResponseError extends Error {
  readonly code = 'UND_ERR_RESPONSE';

  constructor(what: string) {
    super(`the answer is not HTTP: ${what}`);
    this.name = 'InvalidResponseError';
  }
}
