import { loadMcpSdk } from '../../src/mcp/load-mcp-sdk';

jest.mock('@modelcontextprotocol/sdk/server/stdio.js', () => {
  throw Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' });
});

test('where the optional package is missing, an error says what to install', () => {
  expect(() => loadMcpSdk()).toThrow(
    expect.objectContaining({
      name: 'McpSdkMissingError',
      message: expect.stringContaining('npm install @modelcontextprotocol/sdk'),
    }),
  );
});
