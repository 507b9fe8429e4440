import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openApiDocument } from '../api/openapi/open-api-document';
import { configFields } from '../config-fields';
import type { ConfigField } from '../config-fields';
import { escalationPage } from './escalation-page';

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
  return `# Settings of everfetch. Made by "npm run docs" from src/config-fields.ts. Remove the # in front of what you set.\n\n${sections.join('\n')}`;
}

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
    '<!-- Made by "npm run docs" from src/config-fields.ts: change it there. -->',
    '',
    'Everything is set by environment variables, read and checked once at the start; every problem is named at once. An empty variable counts as unset.',
    '',
    ...sections,
  ].join('\n');
}

/**
 * Writes the documents that are made from the configuration schema, the escalation policy and the schemas of the HTTP surface.
 * @param isCheck only compares. @returns the exit code: 1 when a checked file is stale
 */
export async function writeDocs(root: string, isCheck: boolean): Promise<number> {
  const documents = {
    '.env.example': envExample(),
    'docs/configuration.md': configurationPage(),
    'docs/escalation.md': escalationPage(),
    'docs/openapi.json': openApiDocument(),
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
