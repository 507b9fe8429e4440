import type { Command } from 'commander';
import { packageVersion } from '../../service/package-version';
import { CliError } from '../cli-error';
import { addCommand, groups } from '../command';
import type { Run } from '../command';
import { cliExitCodes } from '../exit-codes';

export function addMcp(program: Command, run: Run): void {
  const command = addCommand(program, {
    name: 'mcp',
    group: groups.service,
    summary: 'serve the tools of the Model Context Protocol on stdin and stdout',
    more: 'It is started by a program that speaks the protocol, and ends when stdin does (docs/mcp.md).',
    examples: ['everfetch mcp --url https://fetch.example'],
  }).action(() =>
    run(command, async ({ client, stdin, stdout }) => {
      // It loads much that no other command needs.
      const { runMcp } = await import('../../mcp/run-mcp.js');
      try {
        await runMcp({ client, version: packageVersion(), stdin, stdout });
      } catch (error) {
        const { name, message } = error as Error;
        throw name === 'McpSdkMissingError' ? new CliError('refused', message, { cause: error }) : error;
      }
      return cliExitCodes.done.code;
    }),
  );
}
