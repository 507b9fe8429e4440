import { SuccessRule } from '../../src/jobs/success-rule';

const NEEDED = 'must be an object with at least one of status, contains, notContains, selector and minBytes';

test.each<[unknown, SuccessRule]>([
  [{ status: 200 }, { status: [200] }],
  [{ status: [200, 404] }, { status: [200, 404] }],
  [
    { contains: 'a', notContains: ['b', 'c'] },
    { contains: ['a'], notContains: ['b', 'c'] },
  ],
  [
    { selector: '.price', minBytes: 0 },
    { selector: '.price', minBytes: 0 },
  ],
])('%j is a rule, with lists for what may come several times', (sent, expected) => {
  expect(SuccessRule.parse(sent)).toEqual(expected);
  expect(SuccessRule.parse(SuccessRule.parse(sent))).toEqual(expected); // a stored rule is parsed again
});

test.each<[unknown, string, string]>([
  [{}, '', NEEDED],
  [null, '', NEEDED],
  [[], '', NEEDED],
  ['200', '', NEEDED],
  [{ status: 200, contain: 'x' }, 'contain', 'is not a field of a success rule'],
  [{ status: 99 }, 'status.0', 'must be an integer from 100 to 599'],
  [{ status: [200, 200.5] }, 'status.1', 'must be an integer from 100 to 599'],
  [{ status: '200' }, 'status.0', 'must be an integer from 100 to 599'],
  [{ status: [] }, 'status', 'must not be empty'],
  [{ status: Array(21).fill(200) }, 'status', 'has more than 20 entries'],
  [{ contains: '' }, 'contains.0', 'must not be empty'],
  [{ contains: ['a', 7] }, 'contains.1', 'must be a string'],
  [{ notContains: 'x'.repeat(1_001) }, 'notContains.0', 'is longer than 1000 characters'],
  [{ selector: ['a'] }, 'selector', 'must be a string'],
  [{ minBytes: -1 }, 'minBytes', 'must be at least 0'],
  [{ minBytes: 50_000_001 }, 'minBytes', 'must be at most 50000000'],
  [{ minBytes: 1.5 }, 'minBytes', 'must be an integer'],
])('%j is refused, by path', (sent, path, message) => {
  const issues = SuccessRule.safeParse(sent).error?.issues.map((issue) => [issue.path.join('.'), issue.message]);
  expect(issues).toEqual([[path, message]]);
});
