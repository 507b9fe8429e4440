import type { Command } from 'commander';
import type { Job } from '../../client/index';
import { CliError } from '../cli-error';
import { addCommand, groups } from '../command';
import type { Run } from '../command';
import type { CliContext } from '../context';
import { cliExitCodes } from '../exit-codes';
import { Patience } from '../follow/patience';
import { addApiOptions, apiParamsOf, fieldsOf } from '../options/add-api-options';
import { commonOptions, fetchOptions, requestOptions } from '../options/api-options';
import { savePage } from '../output/save-page';
import { endText } from '../print/print-job';

export function addScrape(program: Command, run: Run): void {
  const command = addCommand(program, {
    name: 'scrape <url>',
    group: groups.submit,
    summary: 'fetch one page and print it',
    more: 'It waits until the page is there or its time is over, a day unless --timeout-sec says otherwise. With --json it prints the job object.',
    examples: [
      'everfetch scrape https://example.com/',
      'everfetch scrape https://example.com/ --output-format markdown | less',
      'everfetch scrape https://shop.example/ --render --out page.html',
    ],
  }).option('-o, --out <path>', 'write the page to a file');
  addApiOptions(command, 'Of the job:', [...commonOptions, ...requestOptions]);
  addApiOptions(command, 'Of the fetch:', fetchOptions);
  command.action((url: string) =>
    run(command, (context) => {
      const request = fieldsOf(command, requestOptions);
      const options = receiverOf({ ...fieldsOf(command, commonOptions), ...request });
      const submission = { url, ...options, apiParams: apiParamsOf(command, request) };
      return scrape(context, submission, command.opts<{ out?: string }>().out);
    }),
  );
}

/** A job has its receiver as an object, and a batch of lines as a plain URL. */
const receiverOf = ({ callback, ...options }: Record<string, unknown>): Record<string, unknown> =>
  callback === undefined ? options : { ...options, callback: { type: 'webhook', url: callback } };

async function scrape(
  context: CliContext,
  submission: { readonly url: string },
  out: string | undefined,
): Promise<number> {
  const { client, signal, hint, isJson, printJson } = context;
  const accepted = await client.submit(submission, { signal });
  hint.comeBack = `The job goes on: "everfetch get ${accepted.id} --body" gives its page, "everfetch cancel ${accepted.id}" ends it.`;
  const job = await ended(context, accepted.id);
  hint.comeBack = undefined;
  if (isJson) await printJson(job);
  if (job.status !== 'finished') throw new CliError('someFailed', endText(job));
  if (!isJson || out !== undefined) await savePage(context, job.id, out);
  return cliExitCodes.done.code;
}

async function ended({ client, signal, say }: CliContext, id: string): Promise<Job> {
  const patience = new Patience({
    signal,
    onChange: (isLost) => say(isLost ? 'connection lost, retrying' : 'connected again'),
  });
  for (;;) {
    try {
      return (await client.wait(id, { signal, onProgress: () => patience.succeeded() })) as Job; // as: the id is that of a job
    } catch (error) {
      await patience.afterError(error);
    }
  }
}
