import type * as client from '../../src/client';
import { expanded, filled, mismatch, valueAt } from './scenario-values';

/** What surrounds a run of the scenario, see README.md. */
export interface World {
  readonly variables: Readonly<Record<string, string>>;
  readonly urls: Readonly<Record<'service' | 'cuts' | 'nothing', string>>;
  readonly keys: Readonly<Record<'own' | 'other' | 'wrong', string>>;
}

export interface Step {
  readonly name: string;
  readonly method: string;
  readonly args?: readonly unknown[];
  readonly options?: Readonly<Record<string, unknown>>;
  readonly through?: keyof World['urls'];
  readonly key?: keyof World['keys'];
  readonly take?: number;
  readonly pick?: string;
  readonly read?: 'text' | 'size';
  readonly expect?: unknown;
  readonly expectError?: Readonly<Record<string, unknown>>;
  readonly isRepeated?: boolean;
  readonly save?: Readonly<Record<string, string>>;
}

type Module = Pick<typeof client, 'Everfetch' | 'verifyWebhook'>;
type Variables = Record<string, unknown>;

const REPEATED_MS = 30_000;

/** Goes through the steps, in Node.js or in a browser. @returns what was wrong with the first one that failed */
export async function runScenario(steps: readonly Step[], world: World, module: Module): Promise<string | undefined> {
  const variables: Variables = { ...world.variables };
  for (const step of steps) {
    const problem = await takeStep(step, world, module, variables);
    if (problem !== undefined) return `${step.name}: ${problem}`;
  }
  return undefined;
}

async function takeStep(step: Step, world: World, module: Module, variables: Variables): Promise<string | undefined> {
  const endsAt = Date.now() + REPEATED_MS;
  for (;;) {
    const problem = await tryStep(step, world, module, variables);
    if (problem === undefined || step.isRepeated !== true || Date.now() > endsAt) return problem;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function tryStep(step: Step, world: World, module: Module, variables: Variables): Promise<string | undefined> {
  const call = callOf(step, world, module);
  let result: unknown;
  try {
    result = await outcomeOf(call(...argumentsOf(step, variables)), step);
  } catch (error) {
    if (step.expectError === undefined) return String((error as Error).stack);
    const { type, ...fields } = step.expectError;
    const { name } = error as Error;
    return name === type ? mismatch(error, filled(fields, variables)) : `threw ${name}: ${(error as Error).message}`;
  }
  if (step.expectError !== undefined) return 'did not fail';
  for (const [variable, path] of Object.entries(step.save ?? {})) variables[variable] = valueAt(result, path);
  return 'expect' in step ? mismatch(result, filled(step.expect, variables)) : undefined;
}

type Called = (...args: readonly unknown[]) => unknown;

function callOf({ method, through = 'service', key = 'own' }: Step, world: World, module: Module): Called {
  if (method === 'verifyWebhook') return module.verifyWebhook as Called;
  const everfetch = new module.Everfetch({
    url: world.urls[through],
    apiKey: world.keys[key],
    ...(through === 'nothing' && { maxRetries: 0 }),
  });
  const [name = '', group] = method.split('.').reverse();
  const owner: unknown = group === undefined ? everfetch : everfetch.keys;
  return (...args) => (owner as Readonly<Record<string, Called>>)[name]?.(...args);
}

/** Options stand behind all arguments that a method has, so those that are left out come as undefined. */
function argumentsOf({ method, args = [], options }: Step, variables: Variables): readonly unknown[] {
  const given = args.map((arg) => {
    const value = expanded(filled(arg, variables));
    return method === 'submitMany' && Array.isArray(value) ? value.values() : value;
  });
  if (options === undefined) return given;
  const isMissingFields = method.startsWith('submit') && method !== 'submit' && given.length === 1;
  return [...given, ...(isMissingFields ? [{}] : []), filled(options, variables)];
}

async function outcomeOf(returned: unknown, { take = Infinity, pick, read }: Step): Promise<unknown> {
  const value = await returned;
  if (read !== undefined) {
    const response = value as Response;
    return read === 'text' ? response.text() : (await response.arrayBuffer()).byteLength;
  }
  if (typeof value !== 'object' || value === null || !(Symbol.asyncIterator in value)) return value;
  const items: unknown[] = [];
  for await (const item of value as AsyncIterable<unknown>) {
    items.push(pick === undefined ? item : valueAt(item, pick));
    if (items.length === take) break;
  }
  return items;
}
