import type { BatchFields } from '../../../../src/client';
import type { QueryValues } from '../../routing/location';
import type { ApiExample } from '../../samples/code-samples';
import { cliOptions, literal } from '../../samples/code-samples';

/** The fields as they stand in a query: parameters of the fetch beside those of the batch. */
function flat({ tags, apiParams, ...fields }: BatchFields): QueryValues {
  const values = { ...fields, tags: tags?.join(','), ...apiParams };
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]): [string, string | number][] => {
      if (typeof value === 'boolean') return [[name, String(value)]];
      return typeof value === 'string' || typeof value === 'number' ? [[name, value]] : [];
    }),
  );
}

/** Options of the command line: a tag each, and flags without a value. */
function optionsOf(fields: BatchFields): string {
  const { tags: _tags, ...others } = flat(fields);
  const tags = (fields.tags ?? []).map((tag) => cliOptions({ tag })).join('');
  return `${cliOptions(others).replaceAll(/ (--[\w-]+) true\b/g, ' $1')}${tags}`;
}

/** Python spells two values in another way; a name that holds one of them between quotes is left alone. */
const pythonLiteral = (value: unknown): string =>
  literal(value).replaceAll(/:(true|false)\b/g, (_, word) => `:${word === 'true' ? 'True' : 'False'}`);

/** Submits a file of URLs with these fields. */
export function submitExample(fields: BatchFields): ApiExample {
  const hasFields = Object.keys(fields).length > 0;
  return {
    method: 'POST',
    path: '/batches',
    query: flat(fields),
    file: { name: 'urls.ndjson', type: 'application/x-ndjson' },
    cli: `submit -f urls.txt${optionsOf(fields)} --wait --out results.ndjson`,
    typescript: [
      `const urls = ['https://example.com/'];`,
      `const batch = await everfetch.submitBatch(urls${hasFields ? `, ${literal(fields)}` : ''});`,
      'console.log(await everfetch.wait(batch));',
    ].join('\n'),
    python: [
      'urls = ["https://example.com/"]',
      `batch = everfetch.submit_batch(urls${hasFields ? `, ${pythonLiteral(fields)}` : ''})`,
      'print(everfetch.wait(batch["id"]))',
    ].join('\n'),
  };
}
