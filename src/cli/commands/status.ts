import type { Command } from 'commander';
import { addCommand, groups } from '../command';
import type { Run } from '../command';
import { idOf, isBatch } from '../ids';
import { cliExitCodes } from '../exit-codes';
import { printBatch } from '../print/print-batch';
import { printJob } from '../print/print-job';

export function addStatus(program: Command, run: Run): void {
  const command = addCommand(program, {
    name: 'status <id>',
    group: groups.read,
    summary: 'show how far a batch or a job is',
    examples: ['everfetch status 01994f3c-6f2b-7a41-8d05-e17b90c2ffff', 'everfetch status ID --json | jq .counts'],
  }).action((text: string) =>
    run(command, async (context) => {
      const { client, signal, isJson, printJson } = context;
      const id = idOf(text);
      if (isBatch(id)) {
        const batch = await client.batch(id, { signal });
        await (isJson ? printJson(batch) : printBatch(context, batch));
      } else {
        const job = await client.job(id, { response: false, signal });
        await (isJson ? printJson(job) : printJob(context, job));
      }
      return cliExitCodes.done.code;
    }),
  );
}
