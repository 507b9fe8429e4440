import type { Command } from 'commander';
import { bashScript } from './bash-script';
import { fishScript } from './fish-script';
import { zshScript } from './zsh-script';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** A command as a completion needs it. */
export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  /** Values of its first argument, where there are only some. */
  readonly choices: readonly string[];
}

export interface CompletedOption {
  /** `--out`, or `-o` and `--out`. */
  readonly flags: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  readonly takesFile: boolean;
  readonly choices: readonly string[];
}

export function completionScript(program: Command, shell: Shell): string {
  const commands = program.commands.map(completedOf);
  switch (shell) {
    case 'bash':
      return bashScript(commands);
    case 'zsh':
      return zshScript(commands);
    case 'fish':
      return fishScript(commands);
  }
}

const FILES: ReadonlySet<string> = new Set(['--file', '--out']);

const completedOf = (command: Command): CompletedCommand => ({
  name: command.name(),
  summary: command.summary(),
  choices: command.registeredArguments[0]?.argChoices ?? [],
  options: command.options.map(({ short, long, description, required, argChoices }) => ({
    flags: [short, long].filter((flag) => flag !== undefined),
    description,
    takesValue: required,
    takesFile: long !== undefined && FILES.has(long),
    choices: argChoices ?? [],
  })),
});
