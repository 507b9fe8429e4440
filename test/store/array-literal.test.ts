import fc from 'fast-check';
import { arrayLiteral } from '../../src/store/database';
import { createTestDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

async function throughPostgres(values: readonly (string | null)[]): Promise<unknown> {
  const [row] = await db.database.query<{ back: unknown }>('select $1::text[] as back', [arrayLiteral(values)]);
  return row?.back;
}

test.each([
  [
    [
      'null',
      'NULL',
      'Null',
      '',
      ' ',
      '{}',
      '{a,b}',
      ',',
      '"',
      '\\',
      '\\"',
      "'",
      '\n',
      'a"b\\c',
      'ü',
      '😀',
      'https://a.example/?b=c&d={e}',
    ],
  ],
  [[null, 'a', null]],
  [[]],
])('PostgreSQL reads back what was written: %j', async (values) => {
  expect(await throughPostgres(values)).toEqual(values);
});

test('any texts come back as they were', async () => {
  const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\u0000'));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(text)), async (values) => {
      expect(await throughPostgres(values)).toEqual(values);
    }),
  );
});

test('numbers need no quotes', () => {
  expect(arrayLiteral([1, -2, null, 3.5, undefined])).toBe('{1,-2,NULL,3.5,NULL}');
});
