import { createRequire } from 'node:module';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';

const PACKAGE = '@modelcontextprotocol/sdk';

/** The optional package is not there. */
export class McpSdkMissingError extends Error {
  override readonly name = 'McpSdkMissingError';

  constructor(cause: unknown) {
    super(`MCP needs the optional package ${PACKAGE}, which is not installed here: npm install ${PACKAGE}`, { cause });
  }
}

/** What is used of the SDK. */
export interface McpSdk {
  readonly McpServer: typeof McpServer;
  readonly StdioServerTransport: typeof StdioServerTransport;
  readonly WebStandardStreamableHTTPServerTransport: typeof WebStandardStreamableHTTPServerTransport;
}

/**
 * Loads the SDK, an optional dependency, when it is used for the first time.
 * @throws McpSdkMissingError
 */
export function loadMcpSdk(): McpSdk {
  const require = createRequire(__filename);
  try {
    return {
      ...(require(`${PACKAGE}/server/mcp.js`) as Pick<McpSdk, 'McpServer'>),
      ...(require(`${PACKAGE}/server/stdio.js`) as Pick<McpSdk, 'StdioServerTransport'>),
      ...(require(`${PACKAGE}/server/webStandardStreamableHttp.js`) as Pick<
        McpSdk,
        'WebStandardStreamableHTTPServerTransport'
      >),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') throw new McpSdkMissingError(error);
    throw error;
  }
}
