import type { Command } from 'commander';
import { usageError } from '../cli-error';
import { addCommand, groups } from '../command';
import type { Run } from '../command';
import type { CliContext } from '../context';
import { cliExitCodes } from '../exit-codes';
import { repeated } from '../options/count-option';
import { timeOption } from '../options/time-option';
import { grouped } from '../progress/totals';

interface Given {
  readonly since?: string;
  readonly until?: string;
  readonly status?: readonly string[];
  readonly endpoint?: string;
}

export function addReplay(program: Command, run: Run): void {
  const command = addCommand(program, {
    name: 'replay [deliveries...]',
    group: groups.callbacks,
    summary: 'make callbacks once more: these, or all of a time',
    more: 'Of a time, those that were lost (failed and stopped) are made again unless --status says otherwise.',
    examples: [
      'everfetch replay 01994f3d-1c07-7000-9a51-3a1b5f0c7d2e',
      'everfetch replay --since 2h',
      'everfetch replay --since 2026-03-02T09:00Z --status delivered --endpoint https://shop.example/',
    ],
  })
    .option('--since <time>', 'made since then: 2h, 3d, 2026-03-02')
    .option('--until <time>', 'made before then')
    .option('-s, --status <status>', 'with this status (repeat it for more)', repeated)
    .option('--endpoint <url>', 'to this receiver');
  command.action((ids: string[]) => run(command, (context) => replay(context, ids, command.opts<Given>())));
}

async function replay(context: CliContext, ids: readonly string[], given: Given): Promise<number> {
  const { client, signal, isJson, print, printJson } = context;
  const { since, until, status, endpoint } = given;
  if (ids.length > 0) {
    if ([since, until, status, endpoint].some((option) => option !== undefined))
      throw usageError('give ids of deliveries, or --since with filters, and not both.');
    for (const id of ids) {
      const delivery = await client.replay(id, { signal });
      await (isJson ? printJson(delivery) : print(`${delivery.id} is sent again to ${delivery.url}.\n`));
    }
    return cliExitCodes.done.code;
  }
  if (since === undefined) throw usageError('give the ids of deliveries, or --since.');
  const selection = {
    since: timeOption('--since', since),
    ...(until !== undefined && { until: timeOption('--until', until) }),
    ...(status !== undefined && { status }),
    ...(endpoint !== undefined && { endpoint }),
    signal,
  };
  // as: the service says which statuses there are
  const answer = await client.replayMany(selection as Parameters<typeof client.replayMany>[0]);
  await (isJson ? printJson(answer) : print(`${grouped(answer.replayed)} callbacks are sent again.\n`));
  return cliExitCodes.done.code;
}
