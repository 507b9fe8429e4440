/** Thrown when the operator stops the process during its start, which is no failure. */
export class StopRequestedError extends Error {
  override readonly name = 'StopRequestedError';
}

/** Signals within this time are one request, because npm passes on the Ctrl-C that the terminal has also sent to everfetch. */
const SAME_REQUEST_MS = 1_000;

/**
 * Aborts `halt` at the first SIGINT, SIGTERM or SIGHUP, and when a parent with an IPC channel to this process has ended.
 * A second signal, at least a second later, ends the process at once (exit code 130).
 */
export function haltOnRequest(halt: AbortController): void {
  let requestedAt: number | undefined;
  const onRequest = (): void => {
    const now = performance.now();
    requestedAt ??= now;
    if (now - requestedAt > SAME_REQUEST_MS) process.exit(130);
    halt.abort(new StopRequestedError('asked to stop'));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onRequest);
  process.on('disconnect', onRequest);
}
