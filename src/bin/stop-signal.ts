/** The exit code of a process that was interrupted a second time, before it had tidied up. */
const INTERRUPTED = 130;

/** A signal that aborts when the process is asked to stop. Asked a second time, it ends at once. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(INTERRUPTED);
      controller.abort();
    });
  return controller.signal;
}
