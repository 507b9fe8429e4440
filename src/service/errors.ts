/** The arguments of a command make sense, but what they ask for cannot be done; the message says why. */
export class CannotError extends Error {
  override readonly name = 'CannotError';
}

/** Something outside that everfetch needs cannot be used; the message is a sentence that says what was tried and what to set. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}
