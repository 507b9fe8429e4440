/** The operator asked for the end: no failure, whatever was going on. */
export class StopRequestedError extends Error {
  override readonly name = 'StopRequestedError';
}

/** npm hands on the Ctrl-C that the terminal has sent to us already: what follows so soon is the same request. */
const SAME_REQUEST_MS = 1_000;

/**
 * Aborts `halt` at the first SIGINT, SIGTERM or SIGHUP, and when a parent that keeps an IPC channel to us is gone.
 * A second signal, a moment later or more, ends the process at once (exit code 130).
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
