/** An embedded server cannot be started for a reason that the operator can mend; the message says how. */
export class EmbeddedServerError extends Error {
  override readonly name = 'EmbeddedServerError';
}
