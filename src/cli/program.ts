import { Command } from 'commander';
import { addGlobalOptions, groups } from './command';
import type { Run } from './command';
import { addAccount } from './commands/account';
import { addCompletion } from './commands/completion';
import { addControl } from './commands/control';
import { addDeliveries } from './commands/deliveries';
import { addGet } from './commands/get';
import { addList } from './commands/list';
import { addListen } from './commands/listen';
import { addLogin } from './commands/login';
import { addMcp } from './commands/mcp';
import { addOpen } from './commands/open';
import { addReplay } from './commands/replay';
import { addResults } from './commands/results';
import { addRetryFailed } from './commands/retry-failed';
import { addScrape } from './commands/scrape';
import { addStatus } from './commands/status';
import { addSubmit } from './commands/submit';
import { addWatch } from './commands/watch';
import { serviceCommands } from './service-commands';

/** Adds the commands in the order in which `--help` shows them. */
const COMMANDS: readonly ((program: Command, run: Run) => void)[] = [
  addSubmit,
  addScrape,
  addWatch,
  addStatus,
  addList,
  addResults,
  addGet,
  addOpen,
  addControl,
  addRetryFailed,
  addDeliveries,
  addReplay,
  addListen,
  addLogin,
  addAccount,
  addCompletion,
  addMcp,
];

export interface ProgramOutput {
  readonly writeOut: (text: string) => void;
  readonly columns: number | undefined;
}

/** All commands with their options. Those of the service are there for help, completion and documentation; they are run elsewhere. */
export function createProgram(run: Run, { writeOut, columns }: ProgramOutput): Command {
  const program = new Command('everfetch')
    .usage('<command> [options]')
    .description('Fetches web pages until it succeeds: the service, and what talks to it.')
    .option('-v, --version', 'show the version')
    .helpOption('-h, --help', 'show this text')
    .addHelpCommand(new Command('help [command]').description('show the help of a command').helpGroup(groups.service))
    .configureHelp({ subcommandTerm: termOf })
    .configureOutput({
      writeOut,
      // Errors are written by whoever catches them, in one line.
      writeErr: () => undefined,
      outputError: () => undefined,
      ...(columns !== undefined && { getOutHelpWidth: () => columns }),
    })
    .exitOverride();
  for (const add of COMMANDS) add(program, run);
  for (const command of program.commands) addGlobalOptions(command);
  for (const { name, usage, summary } of serviceCommands)
    program
      .command(name)
      .summary(summary)
      .usage(usage ?? '')
      .helpGroup(groups.service);
  return program.addHelpText(
    'after',
    '\n"everfetch <command> --help" shows its options and examples; docs/cli.md says more.',
  );
}

/** Name and arguments of a command; that it has options goes without saying. */
const termOf = (command: Command): string =>
  [
    command.name(),
    ...command.registeredArguments.map((argument) => {
      const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
      return argument.required ? `<${name}>` : `[${name}]`;
    }),
  ].join(' ');
