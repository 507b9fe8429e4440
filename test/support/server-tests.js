const { existsSync, readFileSync, readdirSync, statSync } = require('node:fs');
const { dirname, join, resolve } = require('node:path');

const TEST = resolve(__dirname, '..');

/**
 * Through these modules, and through nothing else, a test gets at PostgreSQL, Temporal, Chromium, an S3 server, a program in
 * Python or the whole service.
 */
const SERVERS = [
  'test/support/test-database.ts',
  'test/support/test-service.ts',
  'test/support/everfetch-process.ts',
  'test/support/small-history-temporal.ts',
  'test/support/s3-server.ts',
  'test/support/httpbin.ts',
  'test/fetch/browser/browser-fixture.ts',
  'test/service/try-rendering.test.ts',
  'test/temporal/probe-temporal.test.ts',
  'test/service/try-rendering.test.ts',
  'src/embedded/postgres.ts',
  'src/embedded/temporal-server.ts',
  'src/service/start.ts',
].map((path) => join(dirname(TEST), path));

/** These need no servers, but much time: they weigh memory, go to the limits of a thread, wait for lost packets and silent peers, bundle the workflows, or compile the project. */
const LONG = [
  'test/callbacks/callback-memory.test.ts',
  'test/convert/create-converter.test.ts',
  'test/pages/stream-page-memory.test.ts',
  'test/fetch/memory.test.ts',
  'test/odd-servers/connecting.test.ts',
  'test/odd-servers/fuzz.test.ts',
  'test/setup.test.ts',
  'test/callbacks/post-callback.test.ts',
  'test/workflows/replay.test.ts',
].map((path) => join(dirname(TEST), path));

/** @returns the files that a test file imports by a relative path, at its top or later */
function importsOf(path) {
  const specifiers = readFileSync(path, 'utf8').matchAll(/(?:from|import|require)\s*\(?\s*'(\.[^']*)'/g);
  return [...specifiers].flatMap(([, specifier]) => {
    const target = resolve(dirname(path), specifier);
    return [target, `${target}.ts`, join(target, 'index.ts')].filter(
      (each) => existsSync(each) && statSync(each).isFile(),
    );
  });
}

/** @returns whether the file, or one below `test` that it imports, imports one of `SERVERS` */
function needsServers(path, seen = new Set()) {
  if (SERVERS.includes(path)) return true;
  if (seen.has(path) || !path.startsWith(TEST)) return false;
  seen.add(path);
  return importsOf(path).some((each) => needsServers(each, seen));
}

/** @returns the absolute paths of all test files, whether each needs servers, and whether `npm run test:unit` runs it */
function testFiles() {
  return readdirSync(TEST, { recursive: true })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => {
      const path = join(TEST, name);
      const isWithServers = needsServers(path);
      return { path, needsServers: isWithServers, isUnit: !isWithServers && !LONG.includes(path) };
    });
}

module.exports = { LONG, SERVERS, needsServers, testFiles };
