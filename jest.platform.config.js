const base = require('./jest.config.js');
const { testFiles } = require('./test/support/server-tests.js');

const escaped = (path) => path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const platformTests = testFiles().filter(({ isPlatform }) => isPlatform);

/** `npm run test:platform`: what depends on the version of Node.js, and one job by the service as it is built. @type {import('jest').Config} */
module.exports = {
  ...base,
  globalSetup: undefined,
  globalTeardown: undefined,
  maxWorkers: 1, // a second one would cost more to start than it saves
  testMatch: undefined,
  testRegex: [...platformTests.map(({ path }) => `^${escaped(path)}$`), '/test/platform/first-job\\.ts$'],
};
