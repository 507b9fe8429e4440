import type { CompletedCommand } from './completion-script';

/** Works with bash 3.2, and without the package bash-completion. */
export function bashScript(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name }) => name).join(' ');
  const cases = commands.map(({ name, options, choices }) => {
    const words = [...choices, ...options.flatMap(({ flags }) => flags), '--help'].join(' ');
    return `    ${name}) words="${words}" ;;`;
  });
  const values = new Map<string, string>();
  for (const { options } of commands)
    for (const { flags, choices, takesFile, takesValue } of options)
      if (takesValue && takesFile) values.set(flags.join('|'), 'COMPREPLY=($(compgen -f -- "$cur")); return');
      else if (choices.length > 0)
        values.set(flags.join('|'), `COMPREPLY=($(compgen -W "${choices.join(' ')}" -- "$cur")); return`);
  const valueCases = [...values].map(([flags, reply]) => `    ${flags}) ${reply} ;;`);
  return `# Completion of everfetch for bash.
_everfetch() {
  local cur prev words
  cur="\${COMP_WORDS[COMP_CWORD]}"
  prev="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${names} help --help --version" -- "$cur"))
    return
  fi
  case "$prev" in
${valueCases.join('\n')}
  esac
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    help) words="${names}" ;;
    *) words="" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _everfetch everfetch
`;
}
