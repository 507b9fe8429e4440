const base = require('./jest.config.js');
const { testFiles } = require('./test/support/server-tests.js');

const escaped = (path) => path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** `npm run test:unit`: the tests that need no servers, so that none is started, and take no long time. @type {import('jest').Config} */
module.exports = {
  ...base,
  globalSetup: undefined,
  globalTeardown: undefined,
  testPathIgnorePatterns: testFiles()
    .filter(({ isUnit }) => !isUnit)
    .map(({ path }) => `^${escaped(path)}$`),
};
