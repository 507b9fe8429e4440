/** The arguments of a command make sense, but what they ask for cannot be done; the message says why. */
export class CannotError extends Error {
  override readonly name = 'CannotError';
}
