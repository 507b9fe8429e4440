import { getEventListeners } from 'node:events';
import { abortable, untilAborted } from '../../src/async/until-aborted';
import type { Ending } from '../../src/async/until-aborted';

const enough = new Error('enough');

/** A promise that the test ends, and what became of it. */
function begun(signal: AbortSignal | undefined, during: (ending: Ending<string>) => void = () => undefined) {
  const cleanUps: boolean[] = [];
  let ending: Ending<string> | undefined;
  const promise = abortable<string>(signal, (given) => {
    ending = given;
    during(given);
    return (isResolved) => cleanUps.push(isResolved);
  });
  promise.catch(() => undefined);
  return { promise, cleanUps, ending: ending as Ending<string> };
}

describe('an abortable promise', () => {
  test('resolves as it is told to, and cleans up once', async () => {
    const { promise, cleanUps, ending } = begun(new AbortController().signal);
    ending.resolve('done');
    ending.reject(enough);
    expect(cleanUps).toEqual([true]);
    expect(await promise).toBe('done');
  });

  test('rejects as it is told to, and cleans up once', async () => {
    const { promise, cleanUps, ending } = begun(undefined);
    ending.reject(enough);
    ending.resolve('done');
    expect(cleanUps).toEqual([false]);
    await expect(promise).rejects.toBe(enough);
  });

  test('rejects with the reason of the signal, whatever comes later', async () => {
    const caller = new AbortController();
    const { promise, cleanUps, ending } = begun(caller.signal);
    caller.abort(enough);
    ending.resolve('done');
    expect(cleanUps).toEqual([false]);
    await expect(promise).rejects.toBe(enough);
  });

  test('begins and cleans up even when the signal has aborted before', async () => {
    const { promise, cleanUps } = begun(AbortSignal.abort(enough));
    expect(cleanUps).toEqual([false]);
    await expect(promise).rejects.toBe(enough);
  });

  test('may end while it begins', async () => {
    const { promise, cleanUps } = begun(undefined, ({ resolve }) => resolve('at once'));
    expect(cleanUps).toEqual([true]);
    expect(await promise).toBe('at once');
  });

  test.each(['resolve', 'reject', 'abort'])('listens to the signal no more after %s', (how) => {
    const caller = new AbortController();
    const { ending } = begun(caller.signal);
    expect(getEventListeners(caller.signal, 'abort')).toHaveLength(1);
    if (how === 'resolve') ending.resolve('done');
    else if (how === 'reject') ending.reject(enough);
    else caller.abort(enough);
    expect(getEventListeners(caller.signal, 'abort')).toHaveLength(0);
  });
});

describe('waiting until aborted', () => {
  test('hands on what came of the work', async () => {
    const { signal } = new AbortController();
    expect(await untilAborted(Promise.resolve('done'), signal)).toBe('done');
    await expect(untilAborted(Promise.reject(enough), signal)).rejects.toBe(enough);
    expect(await untilAborted(Promise.resolve('done'), undefined)).toBe('done');
  });

  test('ends with the reason of the signal, and nobody minds when the work fails later', async () => {
    const caller = new AbortController();
    let fail = (_error: Error): void => undefined;
    const work = new Promise<never>((_resolve, reject) => (fail = reject));
    const waiting = untilAborted(work, caller.signal);
    caller.abort(enough);
    await expect(waiting).rejects.toBe(enough);
    fail(new Error('unwatched'));
    await expect(untilAborted(Promise.reject(new Error('too late')), caller.signal)).rejects.toBe(enough);
  });

  test('an abort comes before work that is done already', async () => {
    await expect(untilAborted(Promise.resolve('done'), AbortSignal.abort(enough))).rejects.toBe(enough);
  });
});
