import type { IsolatedWorld } from './isolated-world';

/**
 * Whether the document gets so far in time: `interactive` when all of it has been read, `complete` when its parts are there too.
 * Asked of the document itself: a navigation that comes to nothing leaves Playwright waiting for events that were long ago.
 */
export async function documentReaches(
  state: 'interactive' | 'complete',
  world: IsolatedWorld,
  timeoutMs: number,
): Promise<boolean> {
  const reached = world.evaluate(`new Promise((resolve) => {
    const check = () => {
      if (document.readyState === 'complete' || document.readyState === '${state}') resolve(true);
    };
    document.addEventListener('readystatechange', check);
    check();
  })`);
  reached.catch(() => undefined); // it goes on after the time is over
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(resolve, timeoutMs, false)));
  try {
    return (await Promise.race([reached, late])) === true;
  } finally {
    clearTimeout(timer);
  }
}
