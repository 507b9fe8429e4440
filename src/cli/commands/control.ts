import type { Command } from 'commander';
import type { Batch } from '../../client/index';
import { addCommand, groups } from '../command';
import type { Run } from '../command';
import type { CliContext } from '../context';
import { cliExitCodes } from '../exit-codes';
import { batchIdOf, idOf, isBatch } from '../ids';
import { countOption } from '../options/count-option';
import { grouped } from '../progress/totals';

/** Adds `cancel`, `pause` and `resume`. */
export function addControl(program: Command, run: Run): void {
  const cancel = addCommand(program, {
    name: 'cancel <ids...>',
    group: groups.control,
    summary: 'cancel batches or jobs; what is finished stays',
    examples: ['everfetch cancel 01994f3c-6f2b-7a41-8d05-e17b90c2ffff'],
  }).action((texts: string[]) =>
    run(cancel, (context) =>
      each(context, texts.map(idOf), async (id) => {
        const { client, signal } = context;
        if (isBatch(id)) return changed(context, await client.cancel(id, { signal }), 'is cancelled');
        const job = await client.cancelJob(id, { signal });
        await (context.isJson ? context.printJson(job) : context.print(`${id} is ${job.status}.\n`));
      }),
    ),
  );

  const pause = addCommand(program, {
    name: 'pause <batches...>',
    group: groups.control,
    summary: 'start no new fetch of these batches; what is in flight ends',
    examples: ['everfetch pause 01994f3c-6f2b-7a41-8d05-e17b90c2ffff'],
  }).action((texts: string[]) =>
    run(pause, (context) =>
      each(context, texts.map(batchIdOf), async (id) =>
        changed(context, await context.client.pause(id, { signal: context.signal }), 'is paused'),
      ),
    ),
  );

  const resume = addCommand(program, {
    name: 'resume <batches...>',
    group: groups.control,
    summary: 'go on with batches that are paused',
    more: 'One that has spent its credits pauses again at once unless --max-credits raises them.',
    examples: ['everfetch resume ID', 'everfetch resume ID --max-credits 20000'],
  })
    .option('--max-credits <n>', 'what it may cost from now on')
    .action((texts: string[]) =>
      run(resume, (context) =>
        each(context, texts.map(batchIdOf), async (id) => {
          const { client, signal } = context;
          const { maxCredits } = resume.opts<{ maxCredits?: string }>();
          if (maxCredits !== undefined)
            await client.updateBatch(id, { maxCredits: countOption('--max-credits', maxCredits) }, { signal });
          await changed(context, await client.resume(id, { signal }), 'goes on');
        }),
      ),
    );
}

async function each(context: CliContext, ids: readonly string[], work: (id: string) => Promise<void>): Promise<number> {
  for (const [index, id] of ids.entries()) {
    if (index > 0) context.hint.comeBack = `Done before: ${ids.slice(0, index).join(' ')}.`;
    await work(id);
  }
  return cliExitCodes.done.code;
}

async function changed(context: CliContext, batch: Batch, what: string): Promise<void> {
  if (context.isJson) return context.printJson(batch);
  const { total, finished, failed, cancelled, running } = batch.counts;
  const done = `${grouped(finished + failed + cancelled)} of ${grouped(total)} done`;
  await context.print(`${batch.id} ${what}: ${done}${running > 0 ? `, ${grouped(running)} still trying` : ''}.\n`);
}
