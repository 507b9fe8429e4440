import fc from 'fast-check';
import { JsonCheck, isJson } from '../../src/pages/json-check';

const parses = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** Checks a text in parts of this size. */
function inParts(text: string, size: number): boolean {
  const check = new JsonCheck();
  for (let at = 0; at < text.length; at += size) check.add(text.slice(at, at + size));
  return check.isValid;
}

test.each([
  ...['{}', '[]', '[[],{}]', '{"a":{"b":[1,2,{"c":null}]}}', ' \t\r\n{ "a" : 1 , "b" : [ ] } \n', '{"a":1,"a":2}'],
  ...['""', '"text"', '"\\u0000\\ud800\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\u2028\u2029\u007f\ufeff"', '"\ud800"'],
  ...['0', '-0', '10', '1.5', '-1.25e-10', '1E+400', '1e400', '9007199254740993', '0.0', '0e0', ' 7 '],
  ...['true', 'false', 'null', ' null\n', '[true,false,null]'],
])('%j is JSON', (text) => {
  expect(parses(text)).toBe(true);
  for (const size of [text.length, 1, 2, 3]) expect(inParts(text, size)).toBe(true);
});

test.each([
  ...['', ' ', '\n', '\ufeff{}', '\u00a0{}', '\u2028{}', '{}\0', '\f{}'],
  ...['{', '[', '{"a"', '{"a":', '{"a":1', '[1', '[1,', '"', '"a', '"\\', '"\\u12'],
  ...['{}{}', '{} []', '1 2', '1,2', 'null null', '[1]]', '{}}', '[}', '{]', '[1}', '{"a":1]'],
  ...['[1,]', '{"a":1,}', '[,1]', '{,}', '[,]', '{"a"}', '{"a" 1}', '{a:1}', "{'a':1}", '{1:1}', '[1:2]', '{"a",1}'],
  ...['NaN', 'Infinity', '-Infinity', 'undefined', 'TRUE', 'tru', 'truee', 'nul', '[nulll]', 'n', '-', '- 1'],
  ...['01', '-01', '1.', '.5', '1.e5', '1e', '1e+', '+1', '0x10', '1_000', '1e5.5', '--1', '00', '1.2.3', '١'],
  ...['"\n"', '"\t"', '"\\x41"', '"\\u00g0"', '"\\a"', '"a"b"', '"\u0000"', '/**/{}', '{}//', '[1 2]', '["a" "b"]'],
  ...['while(1);{}', ")]}'\n{}", 'callback({})', '{"a":1};', '<html>', '{"a":undefined}'],
])('%j is not JSON', (text) => {
  expect(parses(text)).toBe(false);
  for (const size of [text.length || 1, 1, 2, 3]) expect(inParts(text, size)).toBe(false);
});

test('it agrees with JSON.parse on whatever comes in whatever parts', () => {
  const almostJson = fc
    .array(
      fc.constantFrom(
        ...['{', '}', '[', ']', ',', ':', '"', '\\', '"a"', '"a":', '0', '1', '-', '.', 'e', '+', 'true', 'null', ' '],
        ...['\n', '\\u0041', 'x', '\u0001', '{"a":1}', '[1,2]'],
      ),
      { maxLength: 12 },
    )
    .map((tokens) => tokens.join(''));
  /** Makes JSON with a character taken out, put in or exchanged. */
  const damaged = fc
    .tuple(fc.json(), fc.nat(), fc.nat(1), fc.constantFrom('', '"', ',', '0', '}', '\\', ' ', '\n'))
    .map(([text, at, removed, added]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + added + text.slice(place + removed);
    });
  fc.assert(
    fc.property(fc.oneof(fc.json(), almostJson, damaged), fc.integer({ min: 1, max: 9 }), (text, size) => {
      const expected = parses(text);
      expect(isJson(text)).toBe(expected);
      expect(inParts(text, size)).toBe(expected);
    }),
    { numRuns: 5_000 },
  );
});

test.each([
  ['arrays', '[', ']'],
  ['objects', '{"a":', '}'],
  ['both', '[{"a":', '}]'],
])('%s may be 500 deep and not deeper', (kind, open, close) => {
  const perTurn = kind === 'both' ? 2 : 1;
  const nested = (levels: number) => `${open.repeat(levels / perTurn)}1${close.repeat(levels / perTurn)}`;
  expect(isJson(nested(500))).toBe(true);
  expect(isJson(nested(500 + perTurn))).toBe(false);
  expect(isJson(nested(100_000))).toBe(false);
});

test('brackets in strings are no levels, and levels side by side do not add up', () => {
  expect(isJson(JSON.stringify('['.repeat(100_000)))).toBe(true);
  expect(isJson(`[${'[],{},'.repeat(10_000)}[]]`)).toBe(true);
});

test('what cannot become valid any more is known at once', () => {
  const check = new JsonCheck();
  check.add('{"a": 1');
  expect(check.canBeValid).toBe(true);
  check.add(',}');
  expect(check.canBeValid).toBe(false);
  check.add('{}');
  expect(check.isValid).toBe(false);
});
