import { createProgram } from '../../src/cli/program';
import { cliExitCodes } from '../../src/cli/exit-codes';
import { serviceCommands } from '../../src/cli/service-commands';

const COLUMNS = 110;

/** The help of every command that talks to a service, as it prints it. */
export function commandHelps(): readonly { readonly name: string; readonly help: string }[] {
  let text = '';
  const program = createProgram(async () => undefined, { writeOut: (part) => (text += part), columns: COLUMNS });
  const isOfService = (name: string) => serviceCommands.some((command) => command.name === name);
  return program.commands
    .filter((command) => !isOfService(command.name()))
    .map((command) => {
      text = '';
      command.outputHelp();
      return { name: command.name(), help: text.trim() };
    });
}

/** docs/cli.md: what has to be explained, and below it the help of each command. */
export function cliPage(): string {
  const codes = Object.values(cliExitCodes).map(({ code, meaning }) => `| ${code} | ${meaning} |`);
  const service = serviceCommands.map(({ name, usage, summary }) => {
    const call = ['everfetch', name, usage].filter((part) => part !== undefined).join(' ');
    return `| \`${call.replaceAll('|', '\\|')}\` | ${summary} |`;
  });
  const commands = commandHelps().map(({ name, help }) => `### ${name}\n\n\`\`\`text\n${help}\n\`\`\`\n`);
  return `${INTRODUCTION}
## Exit codes

Of the commands that talk to a service:

| code | meaning |
|---|---|
${codes.join('\n')}

The commands of the service itself have [codes of their own](configuration.md#start-up-and-exit-codes), as service managers expect them; so does a command that does not exist (2).

## The service itself

| command | what |
|---|---|
${service.join('\n')}

They read the settings of the service ([configuration.md](configuration.md)), also from the file \`.env\`; all other commands know only what is written above.

## Commands

${commands.join('\n')}`;
}

const INTRODUCTION = `# The command line

<!-- Made by "npm run docs" from tools/docs/cli-page.ts and src/cli: change it there. -->

\`everfetch\` is one program: it runs the service, and it talks to one over HTTP, on this machine or elsewhere. In a clone it is \`npx everfetch\`.

\`\`\`
$ everfetch login
API key for http://127.0.0.1:8080:
logged in to http://127.0.0.1:8080; the key is in /home/ada/.config/everfetch/config.json.
$ everfetch submit -f urls.txt --out results.ndjson
01994f3c-6f2b-7a41-8d05-e17b90c2ffff
[##################------------]  61%  6,102/10,000  12 failed  1m 10s left  85/s  340 trying
\`\`\`

## Address and key

| from | address | key |
|---|---|---|
| options | \`--url\` | \`--key\` |
| environment | \`EVERFETCH_URL\` | \`EVERFETCH_API_KEY\` |
| what \`everfetch login\` has saved | yes | yes, and only for the address that it was saved with |
| otherwise | \`http://127.0.0.1:8080\` | none |

The first that is set counts. \`login\` writes \`everfetch/config.json\` where the platform keeps settings: in \`XDG_CONFIG_HOME\` if that is set, else in \`~/.config\`, on macOS in \`~/Library/Application Support\`, on Windows in \`APPDATA\`. Only its owner can read it. A key on the command line can be seen by other users of the machine, so nothing needs one there.

## Output

What can be processed further goes to stdout; progress, hints and errors go to stderr. With \`--json\` stdout has one JSON value per line and nothing else: a list an object per item, \`watch\` and \`submit --wait\` the batch whenever it has changed. There are colours only on a terminal, and none with \`NO_COLOR\`. Every error is one line, and says what to do where there is something to do.

While a command waits, a terminal shows a bar that fits its width, down to 40 columns and less; elsewhere, such as in a log of CI, there is a line every five seconds if something has changed. "Trying" are URLs that are being fetched or wait for their next try. When the service is away, as during an upgrade, it says so and tries again for five minutes.

## Input

| format | told by | what |
|---|---|---|
| txt | \`.txt\`, arguments, and by default | a URL per line; blank lines and lines that begin with \`#\` are passed over |
| ndjson | \`.ndjson\`, \`.jsonl\`, or a first character \`{\` | a JSON object per line with options of its own, as \`POST /batches\` takes it ([batches.md](batches.md#as-lines)) |
| csv | \`.csv\`, \`.tsv\` | commas, semicolons or tabs; the first row has the names of the columns, and \`--column\` names that with the URLs |

\`--format\` says it where the name does not. The whole input is checked before anything is sent: a line that is wrong is named, and nothing is submitted. What is no text at all (a spreadsheet, something packed, UTF-16) is named as what it is. Options of the command hold for all lines, and those in a line of NDJSON count more. More than 50,000 URLs (or 60 MB) become several batches, which is said; batches behind the first wait when the key has no room for them. Up to 512 MB are read.

## Results, and going on where it stopped

\`--out\` decides by its name what is written:

| \`--out\` | what | written |
|---|---|---|
| \`results.ndjson\` | a line per URL, as \`GET /batches/:id/results\` sends it, byte for byte | as results arrive |
| \`pages/\` | a file per page, as the target sent it, named by its place in the input and its URL; \`index.ndjson\` has a line per URL that says which file is its page, or why there is none | as results arrive |
| \`pages.warc.gz\` | a WARC file of all pages | at the end, as \`pages.warc.gz.part\` until it is whole |

Beside it lies \`OUT.everfetch.json\`. It is written before anything is submitted, and notes what was asked (as a hash of input and options), the key that makes a repeated submission the same one, the ids of the batches, how far their results have been read, and how many bytes of the output are whole. These bytes are on the disk before they are noted. So whatever ends the command (Ctrl-C, a crash, \`kill -9\`, a full disk, the service being away), **the same command again** goes on: what is in the output beyond the noted length is cut off, nothing is submitted twice, and every result is in the output once. When everything is there, the same command says so and does nothing.

- With another input, other options or another service, the output is not touched: choose another \`--out\`, or remove it together with its note to begin anew.
- If only the output is removed, the results are read again, and nothing is submitted.
- An output that something else has shortened is not touched either; the line says what to do.
- Two commands cannot write the same output at a time (\`OUT.everfetch.lock\`).
- The service remembers a submission that it has answered for a day. If a command was killed between sending a submission and noting its answer, and is repeated more than a day later, it says that it cannot know, and submits nothing.

Results of a batch that exists already are written the same way by \`everfetch results BATCH --out …\`.

Ctrl-C never cancels anything: batches go on, and the last line says how to come back to them. A second Ctrl-C ends at once.

## Callbacks on your machine

\`everfetch listen --forward-to http://127.0.0.1:3000/hook\` shows each callback of the key as it is made and sends it on, with the body, the \`webhook-…\` headers and the signature of the service. It reads the delivery log of the service and fetches what each callback tells, so it needs neither a public address nor a tunnel. Jobs need a \`callback\` for that; a receiver that exists nowhere is \`--callback https://listen.invalid/\`. The service goes on calling the receivers themselves.

## Completion

\`everfetch completion bash|zsh|fish\` prints a script; \`everfetch completion --help\` says where it goes.
`;
