import type { Command } from 'commander';
import type { AnyJob, Batch } from '../../client/index';
import { usageError } from '../cli-error';
import { addCommand, groups } from '../command';
import type { Run } from '../command';
import type { CliContext } from '../context';
import { cliExitCodes } from '../exit-codes';
import { batchIdOf } from '../ids';
import { countOption, integerOption } from '../options/count-option';
import { timeOption } from '../options/time-option';
import { printTable } from '../print/table';
import { whenOr } from '../print/when';
import { grouped } from '../progress/totals';

interface Given {
  readonly jobs?: boolean;
  readonly status?: string;
  readonly tag?: string;
  readonly since?: string;
  readonly until?: string;
  readonly query?: string;
  readonly host?: string;
  readonly clientId?: string;
  readonly failReason?: string;
  readonly statusCode?: string;
  readonly limit: string;
}

const JOB_FILTERS = ['host', 'clientId', 'failReason', 'statusCode'] as const;

export function addList(program: Command, run: Run): void {
  const command = addCommand(program, {
    name: 'list [batch]',
    group: groups.read,
    summary: 'list batches, or jobs: those of a batch, or all with --jobs',
    more: 'Batches and jobs come newest first, the jobs of one batch in the order of its input.',
    examples: [
      'everfetch list --status running',
      'everfetch list 01994f3c-6f2b-7a41-8d05-e17b90c2ffff --status failed',
      'everfetch list --jobs --host shop.example --since 2h --json',
    ],
  })
    .option('--jobs', 'jobs instead of batches')
    .option('-s, --status <status>', 'running, paused, finished, failed or cancelled')
    .option('--tag <tag>', 'with this tag, or of a batch that has it')
    .option('--since <time>', 'made since then: 2h, 3d, 2026-03-02 (of a batch: ended since then)')
    .option('--until <time>', 'made before then')
    .option('-q, --query <text>', 'with this text in the name or URL')
    .option('--host <name>', 'jobs: of this host')
    .option('--client-id <id>', 'jobs: with this id of your own')
    .option('--fail-reason <reason>', 'jobs: failed for this reason')
    .option('--status-code <code>', 'jobs: whose page has this status')
    .option('-L, --limit <n>', 'most that are listed', '30');
  command.action((batch: string | undefined) =>
    run(command, async (context) => {
      await list(context, batch === undefined ? undefined : batchIdOf(batch), command.opts<Given>());
      return cliExitCodes.done.code;
    }),
  );
}

async function list(context: CliContext, batch: string | undefined, given: Given): Promise<void> {
  const { client, signal } = context;
  const isOfJobs = batch !== undefined || given.jobs === true;
  const foreign = isOfJobs ? undefined : JOB_FILTERS.find((name) => given[name] !== undefined);
  if (foreign !== undefined) throw usageError(`--${kebab(foreign)} is for jobs: add --jobs, or name a batch.`);
  if (batch !== undefined && given.tag !== undefined) throw usageError('--tag does not go with a batch.');
  const limit = countOption('--limit', given.limit);
  const filter = {
    ...{ status: given.status, tag: given.tag, q: given.query, limit: Math.min(limit, 1_000), signal },
    since: given.since === undefined ? undefined : timeOption('--since', given.since),
    until: given.until === undefined ? undefined : timeOption('--until', given.until),
  };
  if (!isOfJobs) return show(context, client.batches(filter as object), { limit, ...BATCHES });
  const { host, clientId, failReason } = given;
  const statusCode = integerOption('--status-code', given.statusCode);
  // as: the service says which values there are, in a better sentence than ours
  const jobFilter = { ...filter, host, clientId, failReason, statusCode } as object;
  const jobs = batch === undefined ? client.jobs(jobFilter) : client.batchJobs(batch, jobFilter);
  return show(context, jobs, { limit, ...JOBS });
}

const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

interface Shown<T> {
  readonly headings: readonly string[];
  readonly row: (item: T, context: CliContext) => readonly string[];
}

const BATCHES: Shown<Pick<Batch, 'id' | 'status' | 'name' | 'createdAt' | 'counts'>> = {
  headings: ['ID', 'STATUS', 'DONE', 'FAILED', 'CREATED', 'NAME'],
  row: ({ id, status, counts: { total, finished, failed, cancelled }, createdAt, name = '' }) => [
    ...[
      id,
      status,
      `${grouped(finished + failed + cancelled)}/${grouped(total)}`,
      grouped(failed),
      whenOr(createdAt),
      name,
    ],
  ],
};

const JOBS: Shown<AnyJob> = {
  headings: ['ID', 'STATUS', 'ATTEMPTS', 'ANSWER', 'URL'],
  row: ({ id, status, attempts, statusCode, failReason, url }) => [
    ...[id, status, String(attempts), failReason ?? (statusCode === undefined ? '-' : String(statusCode)), url],
  ],
};

/** Prints up to so many items: as JSON each as it comes, as a table a page at a time. */
async function show<T>(
  context: CliContext,
  items: AsyncIterable<T>,
  { limit, headings, row }: Shown<T> & { readonly limit: number },
): Promise<void> {
  const shown: T[] = [];
  let count = 0;
  for await (const item of items) {
    count += 1;
    if (context.isJson) await context.printJson(item);
    else shown.push(item);
    if (count === limit) break;
  }
  if (context.isJson) return;
  if (count === 0) return context.say('nothing is there.');
  await printTable(
    context,
    headings,
    shown.map((item) => row(item, context)),
  );
  if (count === limit) context.say(`the first ${grouped(limit)} are shown; --limit shows more.`);
}
