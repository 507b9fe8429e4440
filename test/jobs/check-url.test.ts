import { urlProblem } from '../../src/jobs/check-url';

test('a URL with an umlaut is as good the ten thousandth time as the first', () => {
  const problems = new Set(Array.from({ length: 20_000 }, () => urlProblem('https://Ex\u00e4mple.invalid/\u00c4')));
  expect([...problems]).toEqual([undefined]);
});
