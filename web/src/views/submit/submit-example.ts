import type { BatchFields } from '../../../../src/client';
import type { ApiExample } from '../../samples/code-samples';
import { cliOptions, literal } from '../../samples/code-samples';
import type { QueryValues } from '../../routing/location';

/** The fields as they stand in a query: parameters of the fetch beside those of the batch. */
function flat({ tags, apiParams, ...fields }: BatchFields): QueryValues {
  const values = { ...fields, tags: tags?.join(','), ...apiParams };
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'boolean' ? String(value) : value]),
  );
}

const pythonLiteral = (value: unknown): string =>
  literal(value).replaceAll(/\btrue\b/g, 'True').replaceAll(/\bfalse\b/g, 'False');

const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Submits a file of URLs with these fields. */
export function submitExample(fields: BatchFields): ApiExample {
  const named = Object.entries(fields).map(([name, value]) => `${snake(name)}=${pythonLiteral(value)}`);
  const hasFields = named.length > 0;
  return {
    method: 'POST',
    path: '/batches',
    query: flat(fields),
    file: { name: 'urls.ndjson', type: 'application/x-ndjson' },
    cli: `submit -f urls.txt${cliOptions(flat(fields)).replaceAll(/ (--[\w-]+) true\b/g, ' $1')} --wait --out results.ndjson`,
    typescript: `const urls = ['https://example.com/'];\nconst batch = await everfetch.submitBatch(urls${hasFields ? `, ${literal(fields)}` : ''});\nconsole.log(await everfetch.wait(batch.id));`,
    python: `urls = ["https://example.com/"]\nbatch = everfetch.submit_batch(${['urls', ...named].join(', ')})\nprint(everfetch.wait(batch["id"]))`,
  };
}
