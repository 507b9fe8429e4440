import { z } from 'zod';
import { lenientInteger, lenientNumber } from './lenient';

/** Selects the element that a step acts on: the first one that matches. */
export interface Selector {
  readonly type: 'css' | 'xpath' | 'text';
  readonly value: string;
}

/** One step for the browser. Times are in seconds, as existing clients send them. */
export type Instruction =
  | { readonly type: 'click'; readonly selector: Selector; readonly timeout?: number | undefined }
  | {
      readonly type: 'input';
      readonly selector: Selector;
      readonly value: string;
      readonly timeout?: number | undefined;
    }
  | { readonly type: 'scroll'; readonly direction: 'x' | 'y'; readonly value: number | 'bottom' | 'top' }
  | { readonly type: 'wait'; readonly value: number }
  | { readonly type: 'wait_for_selector'; readonly selector: Selector; readonly timeout?: number | undefined }
  | { readonly type: 'wait_for_event'; readonly event: PageEvent; readonly timeout?: number | undefined }
  | { readonly type: 'loop'; readonly for: number; readonly instructions: readonly Instruction[] };

const PAGE_EVENTS = ['domcontentloaded', 'load', 'navigation', 'networkidle', 'stabilize'] as const;
export type PageEvent = (typeof PAGE_EVENTS)[number];

export type ParsedInstructions =
  | { readonly ok: true; readonly instructions: readonly Instruction[] }
  /** `path` is written like `instruction_set[2].selector.value`. */
  | { readonly ok: false; readonly path: string; readonly message: string };

/** Most steps after all loops have been unrolled. */
const MAX_STEPS = 500;
const MAX_STEP_SECONDS = 60;
const MAX_TEXT = 10_000;
const MAX_SET_TEXT = 1_000_000;

const text = z.string({ error: 'must be a string' }).max(MAX_TEXT, `must be at most ${MAX_TEXT} characters long`);
const selector = z.object(
  {
    type: z.enum(['css', 'xpath', 'text'], { error: 'must be css, xpath or text' }),
    value: text.min(1, 'must not be empty'),
  },
  { error: 'must be an object with type and value' },
);
const seconds = lenientNumber(0, MAX_STEP_SECONDS);
const timeout = seconds.optional();

const steps = [
  z.object({ type: z.literal('click'), selector, timeout }),
  z.object({ type: z.literal('input'), selector, value: text, timeout }),
  z.object({
    type: z.literal('scroll'),
    direction: z.enum(['x', 'y'], { error: 'must be x or y' }),
    value: z.union([z.literal(['bottom', 'top']), lenientInteger(-1_000_000, 1_000_000)], {
      error: 'must be a number of pixels, bottom or top',
    }),
  }),
  z.object({ type: z.literal('wait'), value: seconds }),
  z.object({ type: z.literal('wait_for_selector'), selector, timeout }),
  z
    .object({
      type: z.literal('wait_for_event'),
      event: z.enum(PAGE_EVENTS, { error: `must be one of ${PAGE_EVENTS.join(', ')}` }),
      timeout,
      seconds: timeout, // existing clients spell it this way
    })
    .transform(({ seconds: given, ...step }) => ({ ...step, timeout: step.timeout ?? given })),
] as const;

const STEP_NAMES = 'click, input, scroll, wait, wait_for_selector or wait_for_event';
const step = z.discriminatedUnion('type', [...steps], { error: `must have the type ${STEP_NAMES}` });
const loop = z.object({
  type: z.literal('loop'),
  for: lenientInteger(1, MAX_STEPS),
  instructions: z.array(step, { error: 'must be an array of instructions' }).min(1, 'must not be empty'),
});
const instructionSet = z.array(
  z.discriminatedUnion('type', [...steps, loop], { error: `must have the type ${STEP_NAMES}, or loop` }),
);

/**
 * Parses ScraperAPI's instruction set: an array of steps, or a JSON text of one, as in the header `x-sapi-instruction_set`.
 * Loops must not nest; unknown keys are ignored. At most 500 steps are allowed with all loops unrolled, and waits of at most 60 s.
 */
export function parseInstructionSet(value: unknown): ParsedInstructions {
  const list = typeof value === 'string' ? parseJson(value) : value;
  if (!Array.isArray(list)) return refused([], 'must be a JSON array of instructions');
  const elements: readonly unknown[] = list;
  // The number is checked first, because checking millions of steps one by one would block all other requests.
  if (stepsOf(elements) > MAX_STEPS) return refused([], `must be at most ${MAX_STEPS} steps, those of loops included`);
  const nested = nestedLoop(elements);
  if (nested !== undefined) return refused(nested, 'a loop may not stand inside a loop');
  const parsed = instructionSet.safeParse(elements);
  if (parsed.success) return { ok: true, instructions: parsed.data };
  const [issue] = parsed.error.issues;
  return refused(issue?.path ?? [], issue?.message ?? 'is not valid');
}

function refused(path: readonly PropertyKey[], message: string): ParsedInstructions {
  const parts = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`));
  return { ok: false, path: `instruction_set${parts.join('')}`, message };
}

function parseJson(json: string): unknown {
  if (json.length > MAX_SET_TEXT) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Recognizes a loop in input that has not been validated yet. */
function loopOf(element: unknown): { readonly times: number; readonly inner: readonly unknown[] } | undefined {
  if (typeof element !== 'object' || element === null || !('type' in element) || element.type !== 'loop')
    return undefined;
  const inner: readonly unknown[] =
    'instructions' in element && Array.isArray(element.instructions) ? element.instructions : [];
  return { times: 'for' in element ? Number(element.for) : 1, inner };
}

function stepsOf(elements: readonly unknown[]): number {
  let count = 0;
  for (const element of elements) {
    const found = loopOf(element);
    count += found === undefined ? 1 : Math.max(1, found.times || 1) * Math.max(1, found.inner.length);
    if (count > MAX_STEPS) break;
  }
  return count;
}

function nestedLoop(elements: readonly unknown[]): readonly PropertyKey[] | undefined {
  for (const [index, element] of elements.entries()) {
    const inner = loopOf(element)?.inner.findIndex((each) => loopOf(each) !== undefined) ?? -1;
    if (inner >= 0) return [index, 'instructions', inner, 'type'];
  }
  return undefined;
}
