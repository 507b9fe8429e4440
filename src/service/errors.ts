/** Thrown when the arguments of a command are valid, but it cannot do what they ask for; the message says why. */
export class CannotError extends Error {
  override readonly name = 'CannotError';
}

/** Thrown when a server or file that everfetch needs cannot be used; the message says what was tried and what to set. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}
