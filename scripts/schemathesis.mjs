// Asks a running service for everything its OpenAPI document allows, and for much that it forbids, and compares the answers
// with the document: node scripts/schemathesis.mjs <base URL> <API key> [--max-examples 25] [--phases examples,coverage,fuzzing] [--seed 1] [--document <file>]
// It submits jobs for made-up URLs: start the service with ROLES=api, which fetches nothing. Needs Python 3.10 with venv and pip.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { pythonWith } from './python-venv.mjs';

const VERSION = '4.32.5';
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'max-examples': { type: 'string', default: '25' },
    phases: { type: 'string', default: 'examples,coverage,fuzzing' },
    seed: { type: 'string', default: '1' },
    document: { type: 'string' },
  },
});
const [baseUrl, apiKey] = positionals;
if (baseUrl === undefined || apiKey === undefined) {
  console.error(
    'usage: node scripts/schemathesis.mjs <base URL> <API key> [--max-examples 25] [--phases examples,coverage,fuzzing] [--seed 1] [--document <file>]',
  );
  process.exit(2);
}

function skip(reason) {
  console.log(`skipped: ${reason}`);
  process.exit(0);
}

async function documentText() {
  if (values.document !== undefined) return readFileSync(values.document, 'utf8');
  const response = await fetch(`${baseUrl}/openapi.json`);
  if (!response.ok) throw new Error(`GET ${baseUrl}/openapi.json answered ${response.status}`);
  return response.text();
}

/** Submits a batch of one, so that there is something to find. */
async function submitBatch(url) {
  const body = JSON.stringify({ apiKey, urls: [url] });
  const response = await fetch(`${baseUrl}/batchjobs`, { method: 'POST', body });
  if (!response.ok) throw new Error(`POST ${baseUrl}/batchjobs answered ${response.status}`);
  const [{ id }] = await response.json();
  return { batch: response.headers.get('x-batch-id'), job: id };
}

/**
 * Makes the document stricter: without `default`, so that errors which are not named count. So that more requests are accepted, bodies
 * get the key, and good URLs and known ids are among the made-up ones.
 */
async function writeStrictDocument() {
  const document = JSON.parse(await documentText());
  const { schemas } = document.components;
  const ids = await submitBatch(schemas.TargetUrl.examples[0]);
  const idsToForget = await submitBatch(schemas.TargetUrl.examples[0]);
  const operations = Object.values(document.paths).flatMap((path) => Object.entries(path));
  for (const [method, operation] of operations) {
    const { batch, job } = method === 'delete' ? idsToForget : ids; // what is asked afterwards has still to be there
    delete operation.responses.default;
    for (const parameter of operation.parameters ?? []) {
      if (parameter.in !== 'path') continue;
      const [name] = Object.keys(parameter.examples);
      const value = { batch, job }[name];
      parameter.examples = { [name]: { value } };
      parameter.schema = { anyOf: [{ const: value }, parameter.schema] };
    }
  }
  // Few values are tried, and each counts only once, so one of the two routes goes without them.
  delete document.paths['/jobs'].post.parameters;
  // Their answers wait for a page, and they check what they get as `POST /jobs` does.
  delete document.paths['/scrape'];
  delete document.paths['/'];
  // These stay open until the batch ends, and nothing is fetched here.
  delete document.paths['/batches/{id}/events'];
  const results = document.paths['/batches/{id}/results'].get;
  results.parameters = results.parameters.filter(({ name }) => name !== 'follow');
  schemas.JobFields.properties.apiKey = { const: apiKey };
  schemas.JobFields.properties.api_key = { const: apiKey };
  schemas.TargetUrl = { anyOf: [{ enum: schemas.TargetUrl.examples }, schemas.TargetUrl] };
  const path = join(home, `openapi-${process.pid}.json`);
  writeFileSync(path, JSON.stringify(document).replaceAll('your-api-key', apiKey));
  return path;
}

const { python, reason } = pythonWith('schemathesis', [`schemathesis==${VERSION}`], [3, 10]);
if (python === undefined) skip(reason);
const bin = dirname(python);
const home = dirname(bin);
const path = await writeStrictDocument().catch((error) => {
  console.error(`${baseUrl} cannot be asked: ${error.cause?.message ?? error.message}`);
  process.exit(2);
});
const args = ['run', path, '--url', baseUrl, '--checks', CHECKS.join(','), '--header', `x-api-key: ${apiKey}`];
args.push('--max-examples', values['max-examples'], '--seed', values.seed, '--generation-database', 'none');
// A made-up key in the query would count before the header.
args.push('--generation-with-security-parameters', 'false');
args.push('--phases', values.phases, '--continue-on-failure', '--no-color', '--warnings', 'off');
const { status } = spawnSync(join(bin, 'schemathesis'), args, {
  stdio: ['ignore', 'inherit', 'inherit'],
  cwd: home,
  env: { ...process.env, SCHEMATHESIS_HOOKS: join(dirname(fileURLToPath(import.meta.url)), 'schemathesis_hooks.py') },
});
rmSync(path, { force: true });
process.exit(status ?? 1);
