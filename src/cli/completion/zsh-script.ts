import type { CompletedCommand, CompletedOption } from './completion-script';

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
/** In a description, brackets and colons are syntax. */
const described = (text: string): string => text.replaceAll(/[[\]:\\]/g, (each) => `\\${each}`);

export function zshScript(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name, summary }) => `    ${quoted(`${name}:${described(summary)}`)}`);
  const cases = commands.map(
    ({ name, options, choices }) =>
      `    ${name})\n      _arguments ${[...options.map(specOf), argumentOf(choices)].join(' ')}\n      ;;`,
  );
  return `#compdef everfetch
# Completion of everfetch for zsh.
_everfetch() {
  local -a commands
  commands=(
${names.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe -t commands 'command' commands
    return
  fi
  local name="\${words[2]}"
  shift words
  (( CURRENT-- ))
  case "$name" in
${cases.join('\n')}
  esac
}
if [ "\${funcstack[1]}" = "_everfetch" ]; then
  _everfetch "$@"
else
  compdef _everfetch everfetch
fi
`;
}

function specOf({ flags, description, takesValue, takesFile, choices }: CompletedOption): string {
  const value = takesFile
    ? ':file:_files'
    : choices.length > 0
      ? `:value:(${choices.join(' ')})`
      : takesValue
        ? ':value:'
        : '';
  const text = `[${described(description)}]${value}`;
  const [first = '', second] = flags;
  if (second === undefined) return quoted(`*${first}${text}`);
  return `${quoted(`(${flags.join(' ')})`)}{${flags.join(',')}}${quoted(text)}`;
}

const argumentOf = (choices: readonly string[]): string =>
  choices.length > 0 ? quoted(`1:value:(${choices.join(' ')})`) : quoted('*::argument:_default');
