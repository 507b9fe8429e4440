import type { CompletedCommand, CompletedOption } from './completion-script';

const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, (each) => `\\${each}`)}'`;

export function fishScript(commands: readonly CompletedCommand[]): string {
  const names = commands.map(
    ({ name, summary }) => `complete -c everfetch -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
  );
  const options = commands.flatMap(({ name, options: own, choices }) => [
    ...own.map((option) => optionLine(name, option)),
    ...(choices.length > 0
      ? [`complete -c everfetch -n '__fish_seen_subcommand_from ${name}' -f -a ${quoted(choices.join(' '))}`]
      : []),
  ]);
  return `# Completion of everfetch for fish.\n${[...names, ...options].join('\n')}\n`;
}

function optionLine(command: string, { flags, description, takesValue, takesFile, choices }: CompletedOption): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)).join(' ');
  const value =
    choices.length > 0 ? ` -x -a ${quoted(choices.join(' '))}` : takesFile ? ' -r -F' : takesValue ? ' -x' : '';
  return `complete -c everfetch -n '__fish_seen_subcommand_from ${command}' ${names}${value} -d ${quoted(description)}`;
}
