import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnvFile } from '../../src/bin/read-env-file';
import { misspeltSettings } from '../../src/config/misspelt-settings';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'everfetch env '));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = (text: string, env: Record<string, string | undefined> = {}) => {
  writeFileSync(join(folder, '.env'), text);
  return { told: readEnvFile(folder, env), env };
};

test('settings of .env are taken, and the operator is told which and from where', () => {
  const { told, env } = read('# mine\nPORT=9000\nHOST_LIMITS="a.example=1/s"\n#DATA_DIR=x\n');
  expect(env).toEqual({ PORT: '9000', HOST_LIMITS: 'a.example=1/s' });
  expect(told).toEqual([`settings are taken from ${join(folder, '.env')}: HOST_LIMITS, PORT.`]);
});

test('what the environment sets counts more, also when it is empty', () => {
  const { told, env } = read('PORT=9000\nAPI_KEY=a\n', { PORT: '8000', API_KEY: '' });
  expect(env).toEqual({ PORT: '8000', API_KEY: '' });
  expect(told).toEqual([]);
});

test('values are never told, because they may be secrets', () => {
  expect(read('API_KEY=secret\nPROXIES=http://u:secret@h:1\n').told.join()).not.toContain('secret');
});

test('without such a file nothing is said', () => {
  expect(readEnvFile(folder, {})).toEqual([]);
  expect(readEnvFile(join(folder, 'nowhere'), {})).toEqual([]);
});

test('one that cannot be read ends the start with a sentence', () => {
  mkdirSync(join(folder, '.env'));
  expect(() => readEnvFile(folder, {})).toThrow(/The file \.env is ".*", which cannot be read \(EISDIR\)/);
});

test('names that look like misspelt settings are told, wherever they stand', () => {
  expect(read('MAX_CONCURENT_FETCHES=5\n', { DATABASEURL: 'x' }).told).toEqual([
    'DATABASEURL is not a setting and has no effect; DATABASE_URL is one.',
    'MAX_CONCURENT_FETCHES is not a setting and has no effect; MAX_CONCURRENT_FETCHES is one.',
  ]);
});

test.each([
  'PATH',
  'HOME',
  'HOSTNAME',
  'POSTGRES_PASSWORD',
  'NODE_ENV',
  'LOGNAME',
  'PORTS',
  'http_proxy',
  'SHELL',
  'LANGUAGE',
])('the ordinary %s is not taken for a setting', (name) => expect(misspeltSettings([name])).toEqual([]));
