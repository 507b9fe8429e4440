import { randomUUID } from 'node:crypto';
import type { CliContext } from '../context';
import { CliError } from '../cli-error';
import { Collector } from '../follow/collector';
import { chunksOf } from '../input/chunks';
import { parseInput } from '../input/parse-input';
import { readInput } from '../input/read-input';
import type { InputSource } from '../input/read-input';
import { outputPlaceOf } from '../output/output-kind';
import { openRun } from '../output/open-run';
import type { OpenRun } from '../output/open-run';
import { openWriter } from '../output/open-writer';
import type { RunWriter } from '../output/open-writer';
import type { RunState } from '../output/run-state';
import { startProgress } from '../progress/progress-view';
import type { ProgressView } from '../progress/progress-view';
import { codeOfEnded, summaryOf } from '../progress/summary';
import { grouped } from '../progress/totals';
import { cliExitCodes } from '../exit-codes';
import { requestHash } from './request-hash';
import { submitPart } from './submit-part';
import type { Part } from './submit-part';

export interface SubmitOptions extends InputSource {
  readonly column: string | undefined;
  readonly wait: boolean;
  readonly out: string | undefined;
  /** Fields of the batch and options of all its URLs. */
  readonly fields: object;
  /** Options of requests that lines may have for themselves. */
  readonly defaults: Readonly<Record<string, unknown>>;
}

/** Submits URLs, as one batch or as many as they need, and waits for them if that is asked for. @returns the exit code */
export async function runSubmit(context: CliContext, options: SubmitOptions): Promise<number> {
  const { fields, defaults, column, out } = options;
  const place = out === undefined ? undefined : outputPlaceOf(out);
  const input = await readInput(options, context);
  const chunks = chunksOf(parseInput(input, { column, defaults }));
  const parts = chunks.map((lines, index): Part => {
    const base = chunks.slice(0, index).reduce((sum, chunk) => sum + chunk.length, 0);
    return { index, parts: chunks.length, base, lines };
  });
  if (place === undefined) return submitAll(context, parts, { ...options, run: undefined });
  const service = context.connection.url;
  const request = requestHash(input, { service, fields, defaults, column });
  const run = await openRun(place, { service, request, parts: parts.length });
  try {
    return await submitAll(context, parts, { ...options, wait: true, run });
  } finally {
    run.release();
  }
}

interface Submission extends SubmitOptions {
  readonly run: OpenRun | undefined;
}

async function submitAll(context: CliContext, parts: readonly Part[], options: Submission): Promise<number> {
  const { run } = options;
  const total = parts.reduce((sum, { lines }) => sum + lines.length, 0);
  const output = run === undefined ? undefined : await openWriter(run, context);
  if (output?.writer.state.isDone === true) return alreadyDone(context, run, output);
  const view = startProgress(context, { expected: total });
  const collector = new Collector(context, {
    view,
    run: output,
    ...(context.isJson &&
      options.wait && { onChange: (batch) => void context.printJson(batch).catch(() => undefined) }),
  });
  try {
    announce(context, { total, parts: parts.length, run, view });
    const ids = await submitParts(context, parts, { ...options, output, view, collector });
    if (!options.wait) return cliExitCodes.done.code;
    context.hint.comeBack = comeBackTo(ids, run);
    const ended = await collector.ended();
    view.stop();
    await output?.writer.close();
    if (!context.isJson) context.say(endLine(summaryOf(ended), run));
    return codeOfEnded(ended);
  } catch (error) {
    await collector.stop();
    view.stop();
    await output?.writer.close().catch(() => undefined); // the first error is the one to tell
    throw error;
  }
}

const endLine = (summary: string, run: OpenRun | undefined): string =>
  run === undefined ? `${summary}.` : `${summary}. Results are in ${run.place.path}.`;

async function alreadyDone(
  context: CliContext,
  run: OpenRun | undefined,
  { writer, archive }: RunWriter,
): Promise<number> {
  await archive?.publish(); // the last command may have been killed just before
  await writer.close();
  const { counts } = writer.state;
  const { finished, failed, cancelled } = counts;
  if (!context.isJson)
    context.say(
      `nothing to do: all ${grouped(finished + failed + cancelled)} results are in ${run?.place.path ?? ''} already.`,
    );
  else await context.printJson(writer.state);
  return failed + cancelled > 0 ? cliExitCodes.someFailed.code : cliExitCodes.done.code;
}

interface Announced {
  readonly total: number;
  readonly parts: number;
  readonly run: OpenRun | undefined;
  readonly view: ProgressView;
}

function announce({ isJson }: CliContext, { total, parts, run, view }: Announced): void {
  if (isJson) return;
  if (run?.isContinued === true) view.say(`going on where ${run.place.path} stopped.`);
  if (parts > 1)
    view.say(`${grouped(total)} URLs are submitted as ${parts} batches: a batch takes 50,000 URLs, or 60 MB, at most.`);
}

/** How long the service remembers an idempotency key, less an hour for clocks that differ (ms). */
const REMEMBERED_MS = 23 * 3_600_000;

interface SubmittingAll extends Submission {
  readonly output: RunWriter | undefined;
  readonly view: ProgressView;
  readonly collector: Collector;
}

/** Submits what has not been submitted yet. Each batch is waited for from its submission on. @returns the ids of all batches */
async function submitParts(context: CliContext, parts: readonly Part[], options: SubmittingAll): Promise<string[]> {
  const { output, collector, view, fields, run, wait } = options;
  const state = output?.writer.state;
  const submission = state?.submission ?? randomUUID();
  const ids = state?.batches.map(({ id }) => id) ?? [];
  assertStillKnown(state, run);
  for (const [index, id] of ids.entries()) collector.add(index, id);
  for (const part of parts.slice(ids.length)) {
    context.hint.comeBack = comeBackTo(ids, run, part);
    await output?.writer.update((now) => ({
      ...now,
      submittingSince: now.submittingSince ?? new Date().toISOString(),
    }));
    const batch = await submitPart(context, part, { fields, submission, view });
    ids.push(batch.id);
    await output?.writer.update(({ submittingSince: _over, ...now }) => ({
      ...now,
      batches: [...now.batches, { id: batch.id, base: part.base }],
    }));
    view.clear();
    if (context.isJson) await context.printJson(batch);
    else await context.print(`${batch.id}\n`);
    if (!context.isJson && !wait)
      context.say(`${grouped(part.lines.length)} URLs are submitted; "everfetch watch ${batch.id}" follows them.`);
    if (wait) collector.add(part.index, batch.id);
  }
  return ids;
}

/** @throws CliError when it cannot be known any more whether a batch has been submitted */
function assertStillKnown(state: RunState | undefined, run: OpenRun | undefined): void {
  const since = state?.submittingSince;
  if (since === undefined || run === undefined || Date.now() - Date.parse(since) < REMEMBERED_MS) return;
  throw new CliError(
    'file',
    `a submission was begun at ${since} and may have come through, which nobody remembers after a day: ` +
      `look with "everfetch list", and remove ${run.place.path} and ${run.statePath} to submit anew.`,
  );
}

/** What the last line says to somebody who has interrupted it. */
function comeBackTo(ids: readonly string[], run: OpenRun | undefined, part?: Part): string {
  const [first] = ids;
  if (run !== undefined) return 'The same command again goes on where this one stopped.';
  if (part !== undefined && first === undefined) return 'Whether it was submitted, "everfetch list" shows.';
  const which = ids.length === 1 ? 'The batch goes on' : `${ids.length} batches go on`;
  return `${which}: "everfetch watch ${ids.join(' ')}" comes back to it, "everfetch cancel ${ids.join(' ')}" ends it.`;
}
