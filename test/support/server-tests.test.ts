import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { LONG, PLATFORM, SERVERS, needsServers, testFiles } from './server-tests';

const root = join(__dirname, '..', '..');
const named = (path: string) => relative(root, path);
const withServers = testFiles()
  .filter(({ needsServers }) => needsServers)
  .map(({ path }) => named(path));

/** What names a server that the run has started, or starts one. */
const REACHES_SERVERS =
  /'TEST_(DATABASE_URL|TEMPORAL_ADDRESS)'|startEmbedded(Postgres|Temporal)\(|temporalServerArgs\(|findBrowser\('auto'\)/;

test('every module by which tests reach a server is known, so that `npm run test:unit` leaves out who imports it', () => {
  expect([...SERVERS, ...LONG].filter((path) => !existsSync(path))).toEqual([]);
  const unknown = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .map((name) => join(root, 'test', name))
    .filter((path) => path.endsWith('.ts') && !needsServers(path) && REACHES_SERVERS.test(readFileSync(path, 'utf8')));
  expect(unknown.map(named)).toEqual([]);
});

test('whole folders are on one side: those of the service with servers, those of pure code without', () => {
  const sideOf = (folder: string) =>
    new Set(
      testFiles()
        .map(({ path }) => named(path))
        .filter((path) => path.startsWith(`test/${folder}/`))
        .map((path) => withServers.includes(path)),
    );
  for (const folder of ['integration', 'process']) expect([folder, ...sideOf(folder)]).toEqual([folder, true]);
  for (const folder of ['async', 'http', 'jobs', 'net', 'telemetry'])
    expect([folder, ...sideOf(folder)]).toEqual([folder, false]);
});

test('everything in the list of `npm run test:platform` holds tests that it can run', () => {
  const paths = testFiles()
    .filter(({ isPlatform }) => isPlatform)
    .map(({ path }) => path);
  const isEmpty = (place: string) => !paths.some((path) => path === place || path.startsWith(`${place}/`));
  expect(PLATFORM.filter(isEmpty).map(named)).toEqual([]);
});
