import type { Instruction } from '../../jobs/instruction-set';
import { documentReaches } from './document-state';
import type { OpenPage } from './open-page';
import { RenderError } from './render-error';

/** Until a document arrives. */
const ARRIVAL_TIMEOUT_SECONDS = 30;
/** Pages that poll are never at rest: after this time we go on. */
const REST_TIMEOUT_SECONDS = 10;
const REST_MS = 500;

type WaitForEvent = Extract<Instruction, { type: 'wait_for_event' }>;

/** @param arrivalsBefore documents that had arrived when the step before it began */
export async function waitForEvent(
  { event, timeout }: WaitForEvent,
  { main, network, world }: OpenPage,
  arrivalsBefore: number,
  signal: AbortSignal,
): Promise<void> {
  const arrivalMs = Math.max(1, (timeout ?? ARRIVAL_TIMEOUT_SECONDS) * 1_000);
  const restMs = (timeout ?? REST_TIMEOUT_SECONDS) * 1_000;
  switch (event) {
    case 'domcontentloaded':
    case 'load':
      if (await documentReaches(event === 'load' ? 'complete' : 'interactive', world, arrivalMs)) return;
      throw new RenderError('INSTRUCTION_FAILED', 'did not come in time');
    case 'networkidle':
      return network.quiet(REST_MS, restMs, signal);
    case 'stabilize':
      await Promise.all([network.quiet(REST_MS, restMs, signal), world.evaluate(unchangedScript(REST_MS, restMs))]);
      return;
    case 'navigation': {
      const deadline = performance.now() + arrivalMs;
      while (main.navigation.arrivals === arrivalsBefore) {
        const leftMs = deadline - performance.now();
        if (leftMs <= 0) throw new RenderError('INSTRUCTION_FAILED', 'did not come in time');
        await main.navigation.changed(leftMs);
        signal.throwIfAborted();
      }
      if (main.file === undefined)
        await documentReaches('interactive', world, Math.max(1, deadline - performance.now()));
    }
  }
}

/** Resolves in the page once its DOM has not changed for a time. */
function unchangedScript(quietMs: number, timeoutMs: number): string {
  return `new Promise((resolve) => {
    const done = () => { observer.disconnect(); resolve(); };
    let timer = setTimeout(done, ${quietMs});
    const observer = new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(done, ${quietMs}); });
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    setTimeout(done, ${timeoutMs});
  })`;
}
