import type { Command } from 'commander';
import { addCommand, groups } from '../command';
import type { Run } from '../command';
import { Collector } from '../follow/collector';
import type { CliContext } from '../context';
import { batchIdOf } from '../ids';
import { startProgress } from '../progress/progress-view';
import { codeOfEnded, summaryOf } from '../progress/summary';

export function addWatch(program: Command, run: Run): void {
  const command = addCommand(program, {
    name: 'watch <batches...>',
    group: groups.submit,
    summary: 'follow batches until they have ended',
    more: 'Exits with 2 when URLs have failed or were cancelled. With --json it prints the batch whenever it has changed.',
    examples: ['everfetch watch 01994f3c-6f2b-7a41-8d05-e17b90c2ffff', 'everfetch watch ID && ./next-step.sh'],
  }).action((texts: string[]) => run(command, (context) => watchBatches(context, texts.map(batchIdOf))));
}

/** Shows batches until all of them have ended. @returns the exit code that says what became of them */
export async function watchBatches(context: CliContext, ids: readonly string[]): Promise<number> {
  const { client, signal, hint, isJson, say } = context;
  const batches = await Promise.all(ids.map((id) => client.batch(id, { signal })));
  hint.comeBack = `The same command comes back; "everfetch cancel ${ids.join(' ')}" ends what is running.`;
  const view = startProgress(context, { expected: batches.reduce((sum, { counts }) => sum + counts.total, 0) });
  const collector = new Collector(context, {
    view,
    run: undefined,
    onChange: (batch) => {
      if (isJson) void context.printJson(batch).catch(() => undefined);
    },
  });
  for (const batch of batches) view.update(batch);
  for (const [index, id] of ids.entries()) collector.add(index, id);
  try {
    const ended = await collector.ended();
    view.stop();
    if (!isJson) say(`${summaryOf(ended)}.`);
    return codeOfEnded(ended);
  } finally {
    view.stop();
  }
}
