/** How a promise of {@link abortable} ends. Only the first of all calls counts. */
export interface Ending<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Creates a promise that `begin` settles, or that rejects with the signal's reason as soon as the signal aborts.
 * @param begin starts the work, also when the signal has aborted before, and returns what cleans up behind it. That is called
 *   exactly once, before the promise settles and told whether it resolves.
 */
export function abortable<T>(
  signal: AbortSignal | undefined,
  begin: (ending: Ending<T>) => (isResolved: boolean) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let cleanUp: (isResolved: boolean) => void = () => undefined;
    let endedAs: boolean | undefined;
    const end = (isResolved: boolean): boolean => {
      if (endedAs !== undefined) return false;
      endedAs = isResolved;
      signal?.removeEventListener('abort', onAbort);
      cleanUp(isResolved);
      return true;
    };
    const fail = (error: Error) => void (end(false) && reject(error));
    const onAbort = () => fail(signal?.reason as Error); // as: any reason is passed on, for the caller to recognise
    cleanUp = begin({ resolve: (value) => void (end(true) && resolve(value)), reject: fail });
    if (endedAs !== undefined)
      cleanUp(endedAs); // `begin` has settled it already
    else if (signal?.aborted === true) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** Waits for `work`, or rejects with the signal's reason as soon as the signal aborts; the work then continues, but nobody waits for it. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return abortable(signal, ({ resolve, reject }) => {
    work.then(resolve, reject);
    return () => undefined;
  });
}
