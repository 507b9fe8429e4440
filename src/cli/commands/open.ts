import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import { batchWorkflowId, jobWorkflowId } from '../../jobs/workflow-ids';
import { CliError } from '../cli-error';
import { addCommand, groups } from '../command';
import type { Run } from '../command';
import type { CliContext } from '../context';
import { cliExitCodes } from '../exit-codes';
import { idOf, isBatch } from '../ids';

interface Given {
  readonly temporal?: boolean;
  readonly browser: boolean;
}

export function addOpen(program: Command, run: Run): void {
  const command = addCommand(program, {
    name: 'open [id]',
    group: groups.read,
    summary: 'open the dashboard, a batch or a job in the browser',
    more: 'Where there is no browser or no terminal it prints the address.',
    examples: ['everfetch open', 'everfetch open 01994f3c-6f2b-7a41-8d05-e17b90c20001 --temporal'],
  })
    .option('--temporal', "its workflow in Temporal's Web UI")
    .option('--no-browser', 'only print the address')
    .action((text: string | undefined) =>
      run(command, async (context) => {
        const { temporal, browser } = command.opts<Given>();
        const id = text === undefined ? undefined : idOf(text);
        const address = await (temporal === true ? temporalAddress(context, id) : dashboardAddress(context, id));
        if (context.isJson) await context.printJson({ url: address });
        else {
          await context.print(`${address}\n`);
          if (browser && context.stdout.isTTY === true && !(await opens(address, context)))
            context.say('no browser could be started here.');
        }
        return cliExitCodes.done.code;
      }),
    );
}

async function dashboardAddress({ connection }: CliContext, id: string | undefined): Promise<string> {
  const view = id === undefined ? '' : `${isBatch(id) ? 'batches' : 'jobs'}/${id}`;
  return `${connection.url}/#/${view}`;
}

/** @throws CliError when the service knows of no Web UI */
async function temporalAddress({ client, signal }: CliContext, id: string | undefined): Promise<string> {
  const { temporalUi } = await client.overview({ signal });
  if (temporalUi === undefined)
    throw new CliError(
      'refused',
      "the service does not know where Temporal's Web UI is; its TEMPORAL_UI_URL says that.",
    );
  const workflows = `${temporalUi.url.replace(/\/+$/, '')}/namespaces/${encodeURIComponent(temporalUi.namespace)}/workflows`;
  return id === undefined ? workflows : `${workflows}/${encodeURIComponent(workflowOf(id))}`;
}

/** The workflow that works on a batch or job. A URL of a batch has none of its own as a rule, and so that of its batch. */
const workflowOf = (id: string): string => {
  if (isBatch(id)) return batchWorkflowId(id);
  return id.endsWith('0000') ? jobWorkflowId(id) : batchWorkflowId(`${id.slice(0, -4)}ffff`);
};

/** @returns whether a browser has been started */
function opens(address: string, { env }: CliContext): Promise<boolean> {
  const [program, ...args] =
    process.platform === 'darwin'
      ? ['open', address]
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', address]
        : ['xdg-open', address];
  return new Promise((resolve) => {
    const child = spawn(program ?? '', args, { stdio: 'ignore', detached: true, env });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
    child.once('spawn', () => child.unref());
  });
}
