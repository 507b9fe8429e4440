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

/**
 * What `npm run test:platform` runs, the short form for further versions of Node.js. It holds what everfetch gets from the platform:
 * sockets, TLS, HTTP parsers, compression, streams, URLs, text decoding, threads, processes. What is only our own rules or SQL
 * is tested on one version, by `npm test`. A folder stands for those of its tests that `test:unit` runs.
 */
const PLATFORM = [
  'async', // timers and AbortSignal
  'http/charset', // TextDecoder with its ICU
  'http/codings/decode-content.test.ts', // zlib with Brotli, streams
  'http/codings/zstd.test.ts',
  'net/dns', // name look-ups
  'net/guard-rebinding.test.ts',
  'net/guard-spellings.test.ts', // URL parsing
  'pages/segments/fs-segment-store.test.ts', // files, gzip, CRC-32
  'callbacks/signature.test.ts', // node:crypto
  'client/streams.test.ts', // fetch, streams of the Web, WebCrypto
  'client/transport.test.ts',
  'client/verify-webhook.test.ts',
  'fetch/engines/http.test.ts', // node:http, its lenient parser, undici
  'fetch/engines/http-exchange.test.ts',
  'fetch/engines/http-proxy.test.ts',
  'fetch/engines/impersonate.test.ts', // a native add-on
  'fetch/egress/egress-proxy.test.ts', // node:http as a proxy, CONNECT, half-closed sockets
  'fetch/redirects.test.ts',
  'odd-servers/odd-bodies.test.ts', // the parser of node:http, cut-off bodies
  'odd-servers/odd-heads.test.ts',
  'odd-servers/odd-https.test.ts', // OpenSSL
  'odd-servers/tls.test.ts',
  'embedded/supervised-child.test.ts', // processes and signals
].map((name) => join(TEST, name));

const isIn = (path, places) => places.some((each) => path === each || path.startsWith(`${each}/`));

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

/** @returns the absolute paths of all test files, whether each needs servers, and whether `npm run test:unit` and `test:platform` run it */
function testFiles() {
  return readdirSync(TEST, { recursive: true })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => {
      const path = join(TEST, name);
      const isWithServers = needsServers(path);
      const isUnit = !isWithServers && !LONG.includes(path);
      return { path, needsServers: isWithServers, isUnit, isPlatform: isUnit && isIn(path, PLATFORM) };
    });
}

module.exports = { LONG, PLATFORM, SERVERS, needsServers, testFiles };
