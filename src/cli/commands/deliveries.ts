import type { Command } from 'commander';
import type { Delivery } from '../../client/index';
import { addCommand, groups } from '../command';
import type { Run } from '../command';
import type { CliContext } from '../context';
import { cliExitCodes } from '../exit-codes';
import { followDeliveries } from '../follow/follow-deliveries';
import { Patience } from '../follow/patience';
import { batchIdOf, jobIdOf } from '../ids';
import { countOption } from '../options/count-option';
import { timeOption } from '../options/time-option';
import { deliveryRow, printDelivery } from '../print/print-delivery';
import { printTable } from '../print/table';

interface Given {
  readonly tail?: boolean;
  readonly job?: string;
  readonly batch?: string;
  readonly endpoint?: string;
  readonly status?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit: string;
}

export function addDeliveries(program: Command, run: Run): void {
  const command = addCommand(program, {
    name: 'deliveries [id]',
    group: groups.callbacks,
    summary: 'show the callbacks of this key: the log, one of them, or new ones as they are made',
    examples: [
      'everfetch deliveries --status failed --since 2h',
      'everfetch deliveries 01994f3d-1c07-7000-9a51-3a1b5f0c7d2e',
      'everfetch deliveries --tail',
    ],
  })
    .option('-t, --tail', 'show new ones, and what becomes of them, until Ctrl-C')
    .option('--job <id>', 'of this job')
    .option('--batch <id>', 'of this batch')
    .option('--endpoint <url>', 'to this receiver')
    .option('-s, --status <status>', 'pending, delivered, failed or stopped')
    .option('--since <time>', 'made since then: 2h, 3d, 2026-03-02')
    .option('--until <time>', 'made before then')
    .option('-L, --limit <n>', 'most that are listed', '30');
  command.action((id: string | undefined) =>
    run(command, async (context) => {
      const { client, signal, isJson, printJson } = context;
      const given = command.opts<Given>();
      if (id !== undefined) {
        const delivery = await client.delivery(id, { signal });
        await (isJson ? printJson(delivery) : printDelivery(context, delivery));
      } else if (given.tail === true) await tail(context, filterOf(given));
      else await list(context, filterOf(given), countOption('--limit', given.limit));
      return cliExitCodes.done.code;
    }),
  );
}

type Filter = Readonly<Record<string, string | undefined>>;

const filterOf = ({ job, batch, endpoint, status, since, until }: Given): Filter => ({
  job: job === undefined ? undefined : jobIdOf(job),
  batch: batch === undefined ? undefined : batchIdOf(batch),
  endpoint,
  status,
  since: since === undefined ? undefined : timeOption('--since', since),
  until: until === undefined ? undefined : timeOption('--until', until),
});

const HEADINGS = ['CREATED', 'EVENT', 'STATUS', 'CALLS', 'LAST ANSWER', 'ID', 'URL'];

async function list(context: CliContext, filter: Filter, limit: number): Promise<void> {
  const { client, signal, isJson, printJson, say } = context;
  const listed: Delivery[] = [];
  // as: the service says which statuses there are
  for await (const delivery of client.deliveries({ ...filter, limit: Math.min(limit, 1_000), signal })) {
    if (isJson) await printJson(delivery);
    listed.push(delivery);
    if (listed.length === limit) break;
  }
  if (isJson) return;
  if (listed.length === 0) return say('no callbacks are there.');
  await printTable(context, HEADINGS, listed.map(deliveryRow));
}

async function tail(context: CliContext, filter: Filter): Promise<void> {
  const { client, signal, isJson, print, printJson, say } = context;
  const patience = new Patience({
    signal,
    onChange: (isLost) => say(isLost ? 'connection lost, retrying' : 'connected again'),
  });
  const onReady = () => (isJson ? undefined : say('waiting for callbacks; Ctrl-C ends it.'));
  for await (const delivery of followDeliveries(client, { filter, withChanges: true, patience, signal, onReady }))
    await (isJson ? printJson(delivery) : print(`${deliveryRow(delivery).join('  ')}\n`));
}
