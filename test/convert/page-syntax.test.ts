import { pageSyntax } from '../../src/convert/page-syntax';

test.each([
  ['*/*', '<p>a', 'html'],
  ['unknown/unknown', '<!doctype html>', 'html'],
  ['application/unknown', '{"a": 1}', 'json'],
  ['html', ' <html>', 'html'],
  ['text/html charset=utf-8', '<p>a', 'html'],
  ['', 'a < b', 'plain'],
  ['text/plain', '<p>a', 'plain'],
  ['text/html', '{"a": 1}', 'html'],
])('%j before %j is read as %s', (type, text, syntax) => {
  expect(pageSyntax(text, type)).toBe(syntax);
});
