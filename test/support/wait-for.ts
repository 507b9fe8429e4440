import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Resolves with the first value of `condition` that is neither undefined nor false; what it throws counts as "not yet".
 * Polls instead of sleeping for a guessed time, so tests are as fast as the machine lets them be. What takes long is asked for less often,
 * because asking takes the time of the machine from what is waited for.
 * `intervalMs` is the pause between two questions, by default 10 growing to 100.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  options: { readonly timeoutMs?: number; readonly intervalMs?: number; readonly message?: string } = {},
): Promise<Exclude<T, undefined | false>> {
  const { timeoutMs = 60_000, intervalMs, message = 'the condition' } = options;
  const deadline = Date.now() + timeoutMs;
  let pauseMs = intervalMs ?? 10;
  let lastError: unknown;
  do {
    try {
      const value = await condition();
      if (value !== undefined && value !== false) return value as Exclude<T, undefined | false>;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    await sleep(pauseMs);
    pauseMs = intervalMs ?? Math.min(pauseMs * 1.25, 100);
  } while (Date.now() < deadline);
  throw new Error(`${message} did not come true within ${timeoutMs} ms`, { cause: lastError });
}
