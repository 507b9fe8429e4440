import { setTimeout as sleep } from 'node:timers/promises';
import type { Locator, Page } from 'playwright-core';
import type { Instruction, Selector } from '../../jobs/instruction-set';
import type { OpenPage } from './open-page';
import { RenderError } from './render-error';
import { waitForEvent } from './wait-for-event';

/** Until an element can be acted on. */
const ACT_TIMEOUT_SECONDS = 10;
const SELECTOR_TIMEOUT_SECONDS = 30;

type Step = Exclude<Instruction, { type: 'loop' }>;

/** Does the steps in order. The first that fails ends it: `INSTRUCTION_FAILED`, with its place, as in `instruction_set[2]`. */
export async function runInstructions(
  instructions: readonly Instruction[],
  opened: OpenPage,
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
  readonly #opened: OpenPage;
  readonly #signal: AbortSignal;
  /** Documents that had arrived before the last click or input: a navigation that it started counts, even when it was quicker than we. */
  #arrivalsBefore: number;

  constructor(opened: OpenPage, signal: AbortSignal) {
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

/** A choice list takes the value or the label of a choice. */
async function enter(page: Page, field: Locator, value: string, timeout: number): Promise<void> {
  await field.waitFor({ state: 'attached', timeout });
  const isChoice = (await field.and(page.locator('css=select')).count()) > 0;
  if (isChoice) await field.selectOption(value, { timeout });
  else await field.fill(value, { timeout });
}

/** A moment later, so that what the page does about it has begun. */
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

/** Never the text of the error: it holds parts of the page. */
function reasonOf(error: unknown): string {
  if (error instanceof RenderError) return error.message;
  const name = typeof error === 'object' && error !== null && 'name' in error ? error.name : undefined;
  return name === 'TimeoutError' ? 'was not possible in time' : 'was not possible';
}
