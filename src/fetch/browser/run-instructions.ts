import { setTimeout as sleep } from 'node:timers/promises';
import type { Locator, Page } from 'playwright-core';
import type { Instruction, Selector } from '../../jobs/instruction-set';
import type { BrowserPage } from './load-page';
import { documentReaches } from './rendered-document';
import { RenderError } from './render-error';

/** Default time until an element can be acted on. */
const ACT_TIMEOUT_SECONDS = 10;
const SELECTOR_TIMEOUT_SECONDS = 30;

type Step = Exclude<Instruction, { type: 'loop' }>;

/** Runs the steps in order. The first failure rejects with `INSTRUCTION_FAILED` and the place, as in `instruction_set[2]`. */
export async function runInstructions(
  instructions: readonly Instruction[],
  opened: BrowserPage,
  signal: AbortSignal,
): Promise<void> {
  const runner = new StepRunner(opened, signal);
  for (const [index, instruction] of instructions.entries()) {
    const place = `instruction_set[${index}]`;
    if (instruction.type !== 'loop') {
      await runner.run(instruction, place);
      continue;
    }
    for (let round = 0; round < instruction.for; round += 1)
      for (const [inner, each] of instruction.instructions.entries())
        if (each.type !== 'loop') await runner.run(each, `${place}.instructions[${inner}]`);
  }
}

class StepRunner {
  readonly #opened: BrowserPage;
  readonly #signal: AbortSignal;
  /** Number of documents before the last click or input, so that `navigation` also counts one that has arrived already. */
  #arrivalsBefore: number;

  constructor(opened: BrowserPage, signal: AbortSignal) {
    this.#opened = opened;
    this.#signal = signal;
    this.#arrivalsBefore = opened.main.navigation.arrivals;
  }

  async run(step: Step, place: string): Promise<void> {
    this.#signal.throwIfAborted();
    if (step.type === 'click' || step.type === 'input') this.#arrivalsBefore = this.#opened.main.navigation.arrivals;
    try {
      await this.#do(step);
    } catch (error) {
      this.#signal.throwIfAborted();
      throw new RenderError('INSTRUCTION_FAILED', `${place} (${step.type}) ${reasonOf(error)}`, { cause: error });
    }
  }

  async #do(step: Step): Promise<void> {
    const { page, world } = this.#opened;
    switch (step.type) {
      case 'click':
        return locate(page, step.selector).click({ timeout: msOf(step.timeout, ACT_TIMEOUT_SECONDS) });
      case 'input':
        return enter(page, locate(page, step.selector), step.value, msOf(step.timeout, ACT_TIMEOUT_SECONDS));
      case 'scroll':
        return void (await world.evaluate(scrollScript(step.direction, step.value)));
      case 'wait':
        return sleep(step.value * 1_000, undefined, { signal: this.#signal });
      case 'wait_for_selector':
        return locate(page, step.selector).waitFor({
          state: 'attached',
          timeout: msOf(step.timeout, SELECTOR_TIMEOUT_SECONDS),
        });
      case 'wait_for_event':
        return waitForEvent(step, this.#opened, this.#arrivalsBefore, this.#signal);
    }
  }
}

function locate(page: Page, { type, value }: Selector): Locator {
  return (type === 'text' ? page.getByText(value) : page.locator(`${type}=${value}`)).first();
}

/** Fills a field. In a `select`, the value is the value or the label of an option. */
async function enter(page: Page, field: Locator, value: string, timeout: number): Promise<void> {
  await field.waitFor({ state: 'attached', timeout });
  const isChoice = (await field.and(page.locator('css=select')).count()) > 0;
  if (isChoice) await field.selectOption(value, { timeout });
  else await field.fill(value, { timeout });
}

/** Script that scrolls and then waits a moment, so that the page has begun to react. */
function scrollScript(direction: 'x' | 'y', value: number | 'bottom' | 'top'): string {
  const axis = direction === 'x' ? 'left' : 'top';
  const end = direction === 'x' ? 'scrollWidth' : 'scrollHeight';
  const move =
    typeof value === 'number'
      ? `scrollBy({ ${axis}: ${value}, behavior: 'instant' })`
      : `scrollTo({ ${axis}: ${value === 'top' ? '0' : `(document.scrollingElement ?? document.documentElement).${end}`}, behavior: 'instant' })`;
  return `new Promise((resolve) => { ${move}; setTimeout(resolve, 50); })`;
}

const msOf = (seconds: number | undefined, fallback: number): number => Math.max(1, (seconds ?? fallback) * 1_000);

/** Describes a failure without the text of the error, which holds parts of the page. */
function reasonOf(error: unknown): string {
  if (error instanceof RenderError) return error.message;
  const name = typeof error === 'object' && error !== null && 'name' in error ? error.name : undefined;
  return name === 'TimeoutError' ? 'was not possible in time' : 'was not possible';
}

/** Default time until a document arrives. */
const ARRIVAL_TIMEOUT_SECONDS = 30;
/** Default time after which we go on, because pages that poll never come to rest. */
const REST_TIMEOUT_SECONDS = 10;
const REST_MS = 500;

type WaitForEvent = Extract<Instruction, { type: 'wait_for_event' }>;

/** Waits for an event of the page. @param arrivalsBefore number of documents when the previous step began */
async function waitForEvent(
  { event, timeout }: WaitForEvent,
  { main, network, world }: BrowserPage,
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

/** Script that resolves once the DOM has not changed for `quietMs`, or after `timeoutMs`. */
function unchangedScript(quietMs: number, timeoutMs: number): string {
  return `new Promise((resolve) => {
    const done = () => { observer.disconnect(); resolve(); };
    let timer = setTimeout(done, ${quietMs});
    const observer = new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(done, ${quietMs}); });
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    setTimeout(done, ${timeoutMs});
  })`;
}
