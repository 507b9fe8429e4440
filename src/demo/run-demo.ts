import { once, setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createPaint, createProgress } from './output';
import type { DemoOutput } from './output';
import { runScenario } from './scenario';
import { startStack } from './stack';
import type { Stack } from './stack';
import { summaryText } from './summary';

export interface RunDemoOptions {
  /** Arguments behind `everfetch demo` on the command line. */
  readonly args: readonly string[];
  /** Script that the service is started from. */
  readonly everfetchBin: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: DemoOutput;
}

/** The demo was interrupted by Ctrl-C or a polite kill. */
class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly exitCode: number;
  constructor(signalName: keyof typeof interruptCodes) {
    super(`interrupted by ${signalName}`);
    this.exitCode = interruptCodes[signalName];
  }
}
/** Exit codes by signal: 128 + its number, as shells report it. */
const interruptCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Shows the whole service at work against a shop that fails in realistic ways.
 * Resolves with the exit code: 0 only if every result equals what the shop serves, 2 for wrong arguments.
 */
export async function runDemo({ args, everfetchBin, env, stdout }: RunDemoOptions): Promise<number> {
  const options = parseDemoArgs(args);
  if (options.kind !== 'run') {
    stdout.write(options.kind === 'help' ? usage : `${options.message}\n\n${usage}`);
    return options.kind === 'help' ? 0 : 2;
  }
  const paint = createPaint(stdout, env);
  const halt = new AbortController();
  setMaxListeners(0, halt.signal); // every request and every pause listens to it
  let stack: Stack | undefined;
  const undos: (() => Promise<void>)[] = [];
  const releaseSignals = haltOnSignals(halt);
  const releaseTimer = haltAfter(halt, 300_000 + options.urls * 60);
  try {
    stdout.write(
      `${paint.strong('everfetch demo')}\nStarting PostgreSQL, Temporal, everfetch and a shop that fails in realistic ways …\n`,
    );
    stack = await startStack({ everfetchBin, env, halt, onCleanup: (undo) => undos.unshift(undo) });
    await stack.waitUntilReady();
    stdout.write(`Ready. Submitting a batch of ${options.urls} URLs with a callback, and five single jobs.\n\n`);
    const progress = createProgress(stdout);
    const report = await runScenario(stack, { urls: options.urls, progress, signal: halt.signal });
    stdout.write(summaryText(report, paint));
    releaseTimer();
    if (!options.shouldKeep) stdout.write(offerToKeep);
    if (options.shouldKeep) await keepRunning(stack, halt.signal, stdout);
    if (report.mismatches.length === 0) return 0;
    stdout.write(lastWords(stack));
    return 1;
  } catch (error) {
    const reason = await causeOf(error, halt.signal);
    if (reason instanceof Interrupted) {
      stdout.write(`\nStopping: ${reason.message}.\n`);
      return reason.exitCode;
    }
    stdout.write(`\n${paint.bad(describe(reason))}\n${lastWords(stack)}`);
    return 1;
  } finally {
    releaseTimer();
    for (const undo of undos) {
      await undo().catch((error: unknown) => stdout.write(`While cleaning up: ${describe(error)}\n`));
    }
    releaseSignals();
  }
}

/** Halts on the first signal. Repeated ones change nothing, because npm forwards a signal that the terminal has already sent to us. */
function haltOnSignals(halt: AbortController): () => void {
  const listeners = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => {
    const listener = (): void => halt.abort(new Interrupted(name));
    process.on(name, listener);
    return () => process.removeListener(name, listener);
  });
  return () => listeners.forEach((release) => release());
}

function haltAfter(halt: AbortController, ms: number): () => void {
  const timer = setTimeout(() => halt.abort(new Error(`The demo took longer than ${Math.round(ms / 1_000)} s.`)), ms);
  return () => clearTimeout(timer);
}

const offerToKeep = `  These addresses end now, with the demo. "npm run demo -- --keep" leaves everything running to look at, until Ctrl-C.

`;

/** Waits until Ctrl-C, which is no failure here; throws when the service ends by itself. */
async function keepRunning(stack: Stack, signal: AbortSignal, stdout: DemoOutput): Promise<void> {
  const { origin, apiKey, shop } = stack;
  stdout.write(`
Everything is still running, until Ctrl-C:

  Dashboard        ${origin}/
  API              ${origin}
  API key          ${apiKey}
  Temporal Web UI  ${stack.webUi}
  Shop             ${shop.productUrl(1)}

  curl -s ${origin}/jobs -H 'content-type: application/json' \\
    -d '{"apiKey":"${apiKey}","url":"${shop.productUrl(301)}"}'
  curl -s ${origin}/batchjobs -H 'content-type: application/json' \\
    -d '{"apiKey":"${apiKey}","urls":["${shop.productUrl(302)}","${shop.productUrl(303)}"]}'
  curl -s ${origin}/jobs/ID
  curl -s ${origin}/batches/ID -H 'x-api-key: ${apiKey}'
`);
  if (!signal.aborted) await once(signal, 'abort');
  if (!(signal.reason instanceof Interrupted)) throw signal.reason;
  stdout.write('\nStopping …\n');
}

/** The reason of the halt, if one comes soon: a service that dies shows first as a refused connection, which says less. */
async function causeOf(error: unknown, signal: AbortSignal): Promise<unknown> {
  if (!signal.aborted) await Promise.race([once(signal, 'abort'), sleep(500)]);
  return signal.aborted ? signal.reason : error;
}

function lastWords(stack: Stack | undefined): string {
  const output = stack?.lastOutput() ?? '';
  return output === '' ? '' : `\nLast output of everfetch:\n${output}\n`;
}

/** Text of an error. It checks no class, because aborts and errors of Node itself may come from another realm. */
function describe(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}

export const usage = `Usage: everfetch demo [--keep] [--urls N]

  --keep     leave everything running after the summary, until Ctrl-C
  --urls N   URLs in the batch, 1 to 5000 (300)
`;

export type DemoArgs =
  | { readonly kind: 'run'; readonly urls: number; readonly shouldKeep: boolean }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly message: string };

/** Parses the command line. */
export function parseDemoArgs(args: readonly string[]): DemoArgs {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        keep: { type: 'boolean' },
        urls: { type: 'string', default: '300' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) return { kind: 'help' };
    const urls = Number(values.urls);
    if (!/^\d+$/.test(values.urls) || urls < 1 || urls > 5_000) {
      return { kind: 'wrong', message: `--urls must be a number from 1 to 5000, not ${values.urls}` };
    }
    return { kind: 'run', urls, shouldKeep: values.keep === true };
  } catch (error) {
    // parseArgs throws nothing but errors that name the option.
    return { kind: 'wrong', message: (error as Error).message };
  }
}
