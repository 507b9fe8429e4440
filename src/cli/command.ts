import type { Command } from 'commander';
import type { CliContext, GlobalOptions } from './context';

/** Runs the work of a command with what it was given, and keeps its exit code. */
export type Run = (command: Command, work: (context: CliContext) => Promise<number>) => Promise<void>;

export interface CommandText {
  /** With its arguments: `status <id>`. */
  readonly name: string;
  readonly group: string;
  readonly summary: string;
  /** What there is to know beside the options. */
  readonly more?: string;
  /** Lines that can be typed. */
  readonly examples: readonly string[];
}

/** Headings of `everfetch --help`, in its order. */
export const groups = {
  submit: 'Submit and follow:',
  read: 'Look and read:',
  control: 'Control:',
  callbacks: 'Callbacks:',
  account: 'Account:',
  service: 'The service itself:',
} as const;

/** Adds a command with the options that all have, and with its examples in its help. */
export function addCommand(program: Command, { name, group, summary, more, examples }: CommandText): Command {
  const text = [more === undefined ? '' : `\n${more}\n`, '\nExamples:\n', ...examples.map((line) => `  $ ${line}\n`)];
  return program
    .command(name)
    .summary(summary)
    .description(`${summary[0]?.toUpperCase() ?? ''}${summary.slice(1)}.`)
    .helpGroup(group)
    .optionsGroup('Options:')
    .addHelpText('after', text.join('').trimEnd());
}

/** Adds the options that every command has, after its own. */
export function addGlobalOptions(command: Command): void {
  command
    .optionsGroup('Of every command:')
    .option('--url <url>', 'address of the service (EVERFETCH_URL)')
    .option('--key <key>', 'API key; others on this machine may see it, EVERFETCH_API_KEY they do not')
    .option('--json', 'one JSON value per line, and nothing else')
    .helpOption('-h, --help', 'show this text');
}

export const globalOptionsOf = (command: Command): GlobalOptions => {
  const { url, key, json } = command.opts<{ url?: string; key?: string; json?: boolean }>();
  return { url, key, json };
};
