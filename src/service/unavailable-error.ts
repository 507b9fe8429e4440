/** Something outside that everfetch needs cannot be used; the message is a sentence that says what was tried and what to set. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}
