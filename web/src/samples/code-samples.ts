import type { QueryValues } from '../routing/location';

/** What a view shows or does, in the words of each way to get at it. */
export interface ApiExample {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path of the HTTP API. */
  readonly path: string;
  readonly query?: QueryValues;
  readonly json?: unknown;
  /** Name of a file that is sent as the body, and its content type. */
  readonly file?: { readonly name: string; readonly type: string };
  /** Name of a file that the answer is written to. */
  readonly output?: string;
  /** The command of the command line, without `everfetch` before it. */
  readonly cli: string;
  /** Statements that use `everfetch`, a client that is already there. */
  readonly typescript: string;
  readonly python: string;
}

export interface CodeSample {
  readonly id: 'curl' | 'cli' | 'typescript' | 'python';
  readonly title: string;
  readonly code: string;
}

/** A word of a POSIX shell. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** A text of JavaScript or Python, which read JSON texts alike. */
export const literal = (value: unknown): string => JSON.stringify(value);

const present = (values: QueryValues = {}): [string, string | number][] =>
  Object.entries(values).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]]));

const optionOf = (name: string): string =>
  name === 'q' ? 'query' : name.replaceAll('_', '-').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Options of a command: `--status failed --fail-reason terminated`. */
export const cliOptions = (values: QueryValues): string =>
  present(values)
    .map(([name, value]) => ` --${optionOf(name)} ${shellWord(String(value))}`)
    .join('');

/** An object of JavaScript: `{ status: "failed" }`. */
export function jsObject(values: QueryValues): string {
  const fields = present(values).map(([name, value]) => `${name}: ${literal(value)}`);
  return fields.length === 0 ? '' : `{ ${fields.join(', ')} }`;
}

/** Keyword arguments of Python: `status="failed", fail_reason="terminated"`. */
export const pythonArguments = (values: QueryValues): string =>
  present(values)
    .map(([name, value]) => `${name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}=${literal(value)}`)
    .join(', ');

function curl({ method = 'GET', path, query = {}, json, file, output }: ApiExample, url: string): string {
  const search = new URLSearchParams(
    present(query).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  return [
    `curl${method === 'GET' ? '' : ` -X ${method}`} ${shellWord(`${url}${path}${search === '' ? '' : `?${search}`}`)}`,
    '-H "x-api-key: $EVERFETCH_API_KEY"',
    ...(json === undefined ? [] : [`-H 'content-type: application/json'`, `-d ${shellWord(JSON.stringify(json))}`]),
    ...(file === undefined ? [] : [`-H 'content-type: ${file.type}'`, `--data-binary @${shellWord(file.name)}`]),
    ...(output === undefined ? [] : [`-o ${shellWord(output)}`]),
  ].join(' \\\n  ');
}

/** The same thing in four ways. The API key is never part of it, because people paste such text elsewhere. */
export function codeSamples(example: ApiExample, url: string): readonly CodeSample[] {
  const settings = `export EVERFETCH_URL=${shellWord(url)}  # and EVERFETCH_API_KEY`;
  return [
    { id: 'curl', title: 'curl', code: curl(example, url) },
    { id: 'cli', title: 'Command line', code: `${settings}\neverfetch ${example.cli}` },
    {
      id: 'typescript',
      title: 'TypeScript',
      code: `import { Everfetch } from 'everfetch/client';\n\n// The key comes from EVERFETCH_API_KEY.\nconst everfetch = new Everfetch({ url: '${url}' });\n\n${example.typescript}`,
    },
    {
      id: 'python',
      title: 'Python',
      code: `from everfetch import Everfetch\n\n# The key comes from EVERFETCH_API_KEY.\neverfetch = Everfetch(url="${url}")\n\n${example.python}`,
    },
  ];
}
