import { untilAborted } from '../async/until-aborted';
import { Everfetch } from '../client';
import { createMcpServer } from './create-mcp-server';
import { loadMcpSdk } from './load-mcp-sdk';

export interface McpCall {
  /** Address of the service itself. */
  readonly url: string;
  /** Key of the caller, with which the tools call the service. */
  readonly apiKey: string;
  readonly version: string;
  /** The JSON-RPC message, or several. */
  readonly message: unknown;
  /** Version of the protocol that the client has agreed upon. */
  readonly protocolVersion: string | undefined;
  /** Ends what the message has begun. */
  readonly signal: AbortSignal;
}

/**
 * Answers a POST of MCP's streamable HTTP, without a session: every message is on its own. The tools call the service over HTTP, as
 * any client, so that checks, limits and the ownership of objects are those of its routes and of nothing else.
 * @throws McpSdkMissingError
 */
export async function answerMcp({
  url,
  apiKey,
  version,
  message,
  protocolVersion,
  signal,
}: McpCall): Promise<Response> {
  const sdk = loadMcpSdk();
  const server = createMcpServer({ sdk, client: new Everfetch({ url, apiKey, maxRetries: 1 }), version });
  const transport = new sdk.WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  try {
    await server.connect(transport as Parameters<typeof server.connect>[0]);
    // What a client accepts is not asked for, as the answer is always one JSON object.
    const headers = {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...(protocolVersion !== undefined && { 'mcp-protocol-version': protocolVersion }),
    };
    const request = new Request(`${url}/mcp`, { method: 'POST', headers });
    return await untilAborted(transport.handleRequest(request, { parsedBody: message }), signal);
  } finally {
    // It also ends the calls of tools that nobody waits for any more.
    await server.close();
  }
}
