import { codeSamples, shellWord } from '../../web/src/samples/code-samples';
import { countAttempts, emptyHistogram } from '../../web/src/views/batch/attempts-histogram';
import { filterFacts, filterOf } from '../../web/src/views/batch/retry-filter';
import { batchFieldsOf, emptyForm } from '../../web/src/submit/batch-fields';
import { submitExample } from '../../web/src/views/submit/submit-example';

const URL_OF_SERVICE = 'http://127.0.0.1:8080';

test('what a view shows can be had in four ways, and none of them holds an API key', () => {
  const example = {
    method: 'POST',
    path: '/batches/ID/retry-failed',
    query: { tag: "it's", none: undefined },
    json: { host: 'a.example' },
    cli: 'retry-failed ID',
    typescript: 'await everfetch.retryFailed("ID");',
    python: 'everfetch.retry_failed("ID")',
  } as const;
  const samples = codeSamples(example, URL_OF_SERVICE);
  expect(samples.map(({ title }) => title)).toEqual(['curl', 'Command line', 'TypeScript', 'Python']);
  expect(samples[0]?.code).toBe(
    [
      `curl -X POST 'http://127.0.0.1:8080/batches/ID/retry-failed?tag=it%27s'`,
      '-H "x-api-key: $EVERFETCH_API_KEY"',
      `-H 'content-type: application/json'`,
      `-d '{"host":"a.example"}'`,
    ].join(' \\\n  '),
  );
});

test.each([
  ['plain-word_1.ndjson', 'plain-word_1.ndjson'],
  ["it's $HOME", `'it'\\''s $HOME'`],
  ['', `''`],
])('%s is one word of a shell', (text, word) => expect(shellWord(text)).toBe(word));

test('fields of a submission that are empty are not sent', () => {
  expect(batchFieldsOf(emptyForm)).toEqual({});
  const form = { ...emptyForm, tags: ' a, b,', isRendered: true, timeoutHours: '1.5', country: 'DE' };
  expect(batchFieldsOf(form)).toEqual({
    tags: ['a', 'b'],
    timeoutSec: 5_400,
    apiParams: { render: true, country_code: 'de' },
  });
});

test('the form is shown as code in the spelling of each language', () => {
  const fields = batchFieldsOf({ ...emptyForm, tags: 'a,b', maxCredits: '50', isDeduped: true, isRendered: true });
  const { cli, python, query } = submitExample(fields);
  expect(cli).toContain('--max-credits 50 --dedupe --render --tag a --tag b --wait');
  expect(python).toContain('"maxCredits":50,"dedupe":True,"apiParams":{"render":True}})');
  expect(query).toMatchObject({ maxCredits: 50, dedupe: 'true', render: 'true' });
});

test('a cluster of failures selects exactly its own jobs', () => {
  const cluster = { failReason: 'failed_due_to_timeout', host: 'a.example', jobs: 3, exampleJobId: 'x' } as const;
  expect(filterOf(cluster)).toEqual({ failReason: 'failed_due_to_timeout', host: 'a.example', statusCode: 'none' });
  expect(filterOf({ ...cluster, statusCode: 403 })).toMatchObject({ statusCode: 403 });
  expect(filterFacts(filterOf(cluster))).toEqual([
    ['Host', 'a.example'],
    ['Reason', 'failed due to timeout'],
    ['Last status', 'no answer'],
  ]);
  expect(filterFacts({})).toEqual([]);
});

test('attempts are counted by how many a URL needed; cancelled ones do not count', () => {
  const histogram = emptyHistogram();
  for (const [attempts, status] of [
    [1, 'finished'],
    [5, 'finished'],
    [60, 'failed'],
    [0, 'cancelled'],
  ] as const)
    countAttempts(histogram, { attempts, status });
  expect(histogram).toMatchObject({ ended: 3, attempts: 66 });
  expect(histogram.buckets.filter(({ finished, failed }) => finished + failed > 0).map(({ label }) => label)).toEqual([
    '1',
    '4 to 5',
    'more',
  ]);
});
