import type { Command } from 'commander';
import { addCommand, groups } from '../command';
import type { Run } from '../command';
import type { CliContext } from '../context';
import { cliExitCodes } from '../exit-codes';
import { batchIdOf } from '../ids';
import { integerOption, repeated } from '../options/count-option';
import { grouped } from '../progress/totals';
import { watchBatches } from './watch';

interface Given {
  readonly failReason?: readonly string[];
  readonly host?: string;
  readonly statusCode?: readonly string[];
  readonly dryRun?: boolean;
  readonly ifCount?: string;
  readonly wait?: boolean;
}

export function addRetryFailed(program: Command, run: Run): void {
  const command = addCommand(program, {
    name: 'retry-failed <batch>',
    group: groups.control,
    summary: 'try the failed URLs of a batch again, under the same ids',
    more: 'Filters narrow it down. --dry-run tells how many URLs that are; --if-count does nothing when it is another number by then.',
    examples: [
      'everfetch retry-failed 01994f3c-6f2b-7a41-8d05-e17b90c2ffff --dry-run',
      'everfetch retry-failed ID --host shop.example --status-code 503 --wait',
    ],
  })
    .option('--fail-reason <reason>', 'that failed for this reason (repeat it for more)', repeated)
    .option('--host <name>', 'of this host')
    .option('--status-code <code>', 'whose last answer had this status (repeat it for more)', repeated)
    .option('-n, --dry-run', 'only tell how many URLs that are, and what they cost at most')
    .option('--if-count <n>', 'only if that many URLs are selected')
    .option('-w, --wait', 'wait until they have ended');
  command.action((text: string) => run(command, (context) => retry(context, batchIdOf(text), command.opts<Given>())));
}

async function retry(context: CliContext, id: string, given: Given): Promise<number> {
  const { client, signal, isJson, print, printJson } = context;
  const { failReason, host, statusCode, dryRun, wait } = given;
  // as: the service says which reasons there are
  const filter = {
    ...(failReason !== undefined && { failReason }),
    ...(host !== undefined && { host }),
    ...(statusCode !== undefined && { statusCode: statusCode.map((code) => integerOption('--status-code', code)) }),
  } as object;
  if (dryRun === true) {
    const forecast = await client.retryFailed(id, { ...filter, dryRun: true, signal });
    if (isJson) await printJson(forecast);
    else
      await print(
        `${grouped(forecast.jobs)} URLs would be tried again, for ${grouped(forecast.credits)} credits at most. Nothing was changed.\n`,
      );
    return cliExitCodes.done.code;
  }
  const ifCount = integerOption('--if-count', given.ifCount);
  const batch = await client.retryFailed(id, { ...filter, ...(ifCount !== undefined && { ifCount }), signal });
  if (wait === true) return watchBatches(context, [id]);
  const { failed, queued, running } = batch.counts;
  if (isJson) await printJson(batch);
  else if (batch.status === 'running') await print(`${id}: ${grouped(queued + running)} URLs are tried again.\n`);
  else await print(`${id}: no failed URL matches; ${grouped(failed)} failed as before.\n`);
  return cliExitCodes.done.code;
}
