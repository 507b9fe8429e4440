import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clientTypes } from './client-types';
import { openApiDocument } from './openapi/open-api-document';
import { configFields } from '../../src/config/config-fields';
import type { ConfigField } from '../../src/config/config-field';
import { cliPage } from './cli-page';
import { escalationPage } from './escalation-page';
import { exitCodes } from '../../src/bin/exit-codes';

const fields = Object.entries(configFields) as [string, ConfigField][];
const groups = [...new Set(fields.map(([, field]) => field.group))];
const inGroup = (group: string) => fields.filter(([, field]) => field.group === group);

function envExample(): string {
  const sections = groups.map((group) => {
    const rows = inGroup(group).map(
      ([name, field]) => `# ${field.description.replaceAll('`', '')}\n#${name}=${field.default ?? ''}\n`,
    );
    return `# --- ${group} ---\n\n${rows.join('\n')}`;
  });
  return `# Settings of everfetch. Made by "npm run docs" from src/config/config-fields.ts. Remove the # in front of what you set.\n\n${sections.join('\n')}`;
}

const EXIT_CODES = `## Start-up and exit codes

Before anything is started or made, the whole configuration is looked through: the settings, the files and programs that they name, ports, \`HOST\`, \`DATA_DIR\`. Then a PostgreSQL, a Temporal or a bucket that is configured gets 60 s to come up, with a line every 10 s that says what is waited for; what waiting does not help (a wrong password, a database, namespace or bucket that does not exist, TLS that is required) ends the start at once. While the API waits for Temporal it takes submissions already, if it has a key. Every such end is a sentence that names what was tried and what to set.

| exit code | meaning |
|---|---|
| ${exitCodes.done} | done; for a service: it was asked to stop (SIGINT, SIGTERM, SIGHUP) |
| ${exitCodes.failed} | what was asked for cannot be done (\`everfetch keys\`), results differ (\`everfetch demo\`), or a bug, with its stack |
| ${exitCodes.usage} | there is no such command or option |
| ${exitCodes.unavailable} | PostgreSQL, Temporal, the bucket, a port or the disk cannot be used (\`EX_UNAVAILABLE\`): starting again later may help |
| ${exitCodes.config} | a setting is wrong (\`EX_CONFIG\`): starting again does not help |
| 130 | a second signal ended it before everything was stopped |
`;

function configurationPage(): string {
  const sections = groups.map((group) => {
    const rows = inGroup(group).map(
      ([name, field]) =>
        `| \`${name}\` | ${field.default === undefined || field.default === '' ? '–' : `\`${field.default}\``} | ${field.description} |`,
    );
    return `## ${group}\n\n| variable | default | meaning |\n|---|---|---|\n${rows.join('\n')}\n`;
  });
  return [
    '# Configuration',
    '',
    '<!-- Made by "npm run docs" from src/config/config-fields.ts: change it there. -->',
    '',
    'Everything is set by environment variables, read and checked once at the start; every problem is named at once. An empty variable counts as unset. A file `.env` in the folder of the start is read as well (a copy of `.env.example`, for instance): what the environment sets counts more, and the start says which settings came from the file. A variable that looks like a misspelt setting is told.',
    '',
    ...sections,
    EXIT_CODES,
  ].join('\n');
}

/**
 * Writes the documents that are made from the configuration schema, the escalation policy and the schemas of the HTTP surface,
 * and the types of the client.
 * @param isCheck whether the files are only compared
 * @returns the exit code: 1 when a checked file is stale
 */
export async function writeDocs(root: string, isCheck: boolean): Promise<number> {
  const openApi = openApiDocument();
  const documents = {
    '.env.example': envExample(),
    'docs/cli.md': cliPage(),
    'docs/configuration.md': configurationPage(),
    'docs/escalation.md': escalationPage(),
    'docs/openapi.json': openApi,
    'src/client/api-types.ts': await clientTypes(root, openApi),
  };
  let code = 0;
  for (const [name, text] of Object.entries(documents)) {
    const path = join(root, name);
    if (!isCheck) await writeFile(path, text);
    else if ((await readFile(path, 'utf8').catch(() => '')) !== text) {
      process.stderr.write(`${name} is stale: run "npm run docs"\n`);
      code = 1;
    }
  }
  return code;
}
