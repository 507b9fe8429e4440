import { createHash } from 'node:crypto';
import { Option } from 'commander';
import type { Command } from 'commander';
import { usageError } from '../cli-error';
import { addCommand, groups } from '../command';
import type { Run } from '../command';
import type { CliContext } from '../context';
import { cliExitCodes } from '../exit-codes';
import { Collector } from '../follow/collector';
import { followResults } from '../follow/follow-results';
import { Patience } from '../follow/patience';
import { batchIdOf } from '../ids';
import { openRun } from '../output/open-run';
import { openWriter } from '../output/open-writer';
import { outputPlaceOf } from '../output/output-kind';
import { startProgress } from '../progress/progress-view';
import { codeOfEnded, summaryOf } from '../progress/summary';

interface Given {
  readonly follow?: boolean;
  readonly status?: string;
  readonly fields?: string;
  readonly cursor?: string;
  readonly out?: string;
}

export function addResults(program: Command, run: Run): void {
  const command = addCommand(program, {
    name: 'results <batch>',
    group: groups.read,
    summary: 'print the results of a batch, a JSON object per line, or write them to a file',
    more: `Without --follow it ends with what has ended so far. --out waits for the rest, and goes on where it stopped.`,
    examples: [
      'everfetch results 01994f3c-6f2b-7a41-8d05-e17b90c2ffff --fields id,url,status',
      'everfetch results ID --status failed | jq -r .url',
      'everfetch results ID --out pages/',
    ],
  })
    .option('-f, --follow', 'wait for what has not ended yet')
    .addOption(new Option('-s, --status <status>', 'only these').choices(['finished', 'failed', 'cancelled']))
    .option('--fields <names>', 'only these fields; without response no page is read')
    .option('--cursor <cursor>', 'go on behind the line with this cursor')
    .option('-o, --out <path>', 'write to a .ndjson file, a folder/ or a .warc.gz file; waits');
  command.action((text: string) =>
    run(command, (context) => {
      const id = batchIdOf(text);
      const given = command.opts<Given>();
      if (given.out === undefined) return printResults(context, id, given);
      const foreign = (['cursor', 'fields'] as const).find((name) => given[name] !== undefined);
      if (foreign !== undefined)
        throw usageError(`--${foreign} does not go with --out, which notes for itself how far it is.`);
      return saveResults(context, id, given.out, given.status);
    }),
  );
}

async function printResults(context: CliContext, id: string, given: Given): Promise<number> {
  const { client, signal, hint, print, say } = context;
  const { follow = false, status, fields, cursor } = given;
  const patience = new Patience({
    signal,
    onChange: (isLost) => say(isLost ? 'connection lost, retrying' : 'connected again'),
  });
  const options = { cursor, fields, status, follow, patience, signal };
  for await (const lines of followResults(client, id, options)) {
    for (const { bytes } of lines) await print(bytes);
    const last = lines.at(-1)?.job.cursor;
    hint.comeBack = last === undefined ? undefined : `The same command with --cursor ${last} goes on.`;
  }
  return cliExitCodes.done.code;
}

/** Writes the results of a batch that exists already. */
async function saveResults(context: CliContext, id: string, out: string, status: string | undefined): Promise<number> {
  const { client, signal, connection, hint, isJson, say, printJson } = context;
  const place = outputPlaceOf(out);
  if (status !== undefined && place.kind === 'archive') throw usageError('--status does not go with an archive.');
  const { counts } = await client.batch(id, { signal });
  const request = createHash('sha256')
    .update(JSON.stringify({ results: id, status }))
    .digest('hex');
  const batches = [{ id, base: 0 }];
  const run = await openRun(place, { service: connection.url, request, parts: 1, batches });
  try {
    const output = await openWriter(run, context);
    const view = startProgress(context, { expected: counts.total });
    const collector = new Collector(context, { view, run: output, status });
    hint.comeBack = 'The same command again goes on where this one stopped.';
    try {
      collector.add(0, id);
      const ended = await collector.ended();
      view.stop();
      if (isJson) for (const batch of ended) await printJson(batch);
      else say(`${summaryOf(ended)}. Results are in ${place.path}.`);
      return codeOfEnded(ended);
    } finally {
      view.stop();
      await output.writer.close();
    }
  } finally {
    run.release();
  }
}
