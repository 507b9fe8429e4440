import type { Command } from 'commander';
import type { Job } from '../../client/index';
import { CliError } from '../cli-error';
import { addCommand, groups } from '../command';
import type { Run } from '../command';
import type { CliContext } from '../context';
import { cliExitCodes } from '../exit-codes';
import { jobIdOf } from '../ids';
import { savePage } from '../output/save-page';
import { printAttempts } from '../print/print-attempts';
import { endText, printJob } from '../print/print-job';

interface Given {
  readonly body?: boolean;
  readonly screenshot?: boolean;
  readonly attempts?: boolean;
  readonly out?: string;
}

export function addGet(program: Command, run: Run): void {
  const command = addCommand(program, {
    name: 'get <job>',
    group: groups.read,
    summary: 'show a job, its page or its screenshot',
    more: 'Exits with 2 when the page is asked for and the job has failed or was cancelled.',
    examples: [
      'everfetch get 01994f3c-6f2b-7a41-8d05-e17b90c20001',
      'everfetch get ID --body > page.html',
      'everfetch get ID --attempts',
    ],
  })
    .option('-b, --body', 'the page itself, as the target sent it')
    .option('--screenshot', 'the picture that was taken of the page, as PNG')
    .option('-o, --out <path>', 'write the page, or the picture, to a file')
    .option('--attempts', 'every attempt, and why the next one differs');
  command.action((text: string) => run(command, (context) => get(context, jobIdOf(text), command.opts<Given>())));
}

async function get(context: CliContext, id: string, { body, screenshot, attempts, out }: Given): Promise<number> {
  const { client, signal, isJson, printJson } = context;
  if (body === true && screenshot === true)
    throw new CliError('usage', '--body and --screenshot cannot be had at once.');
  if (body === true || screenshot === true || out !== undefined) {
    const job = await client.job(id, { response: false, signal });
    assertHasPage(job);
    await savePage(context, id, out, screenshot === true ? 'screenshot' : 'body');
    return cliExitCodes.done.code;
  }
  const job = await client.job(id, { response: false, ...(attempts === true && { attempts }), signal });
  if (isJson) await printJson(job);
  else {
    await printJob(context, job);
    if (attempts === true) await printAttempts(context, job);
  }
  return cliExitCodes.done.code;
}

/** @throws CliError that says why there is no page */
function assertHasPage(job: Job): void {
  if (job.status === 'finished') return;
  if (job.status === 'running')
    throw new CliError('refused', `the job is still running after ${job.attempts} attempts, and has no page yet.`);
  throw new CliError('someFailed', endText(job));
}
