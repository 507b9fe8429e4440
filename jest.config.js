/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2023', parser: { syntax: 'typescript' } } }] },
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  // A bound for what hangs, and no demand: on a busy machine everything takes several times as long.
  testTimeout: 240_000,
  testSequencer: '<rootDir>/test/support/slow-first.js',
  // Tests wait more than they compute: on two cores, four at a time take the least time.
  maxWorkers: 4,
};
