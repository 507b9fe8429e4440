import type { Readable, Writable } from 'node:stream';
import type { Everfetch } from '../client';
import { createMcpServer } from './create-mcp-server';
import { loadMcpSdk } from './load-mcp-sdk';

export interface McpRun {
  readonly client: Everfetch;
  readonly version: string;
  readonly stdin: Readable;
  /** Nothing else may be written there. */
  readonly stdout: Writable;
}

/**
 * Serves MCP over stdin and stdout until stdin ends, which is how a client asks for the end.
 * @throws McpSdkMissingError
 */
export async function runMcp({ client, version, stdin, stdout }: McpRun): Promise<void> {
  const sdk = loadMcpSdk();
  const server = createMcpServer({ sdk, client, version });
  const isOver = new Promise<void>((resolve) => {
    for (const event of ['end', 'close']) stdin.once(event, resolve);
    // A client that is gone reads no answer.
    stdout.once('error', () => resolve());
  });
  await server.connect(new sdk.StdioServerTransport(stdin, stdout));
  await isOver;
  await server.close();
}
