import { anyKey, headerRefs } from '../components';
import { bodyErrors, errorResponses, keyErrors } from '../errors';
import { named } from '../examples';
import type { Node } from '../json-schema';

const message: Node = {
  description: 'A JSON-RPC message of MCP.',
  type: 'object',
  properties: { jsonrpc: { const: '2.0' } },
  required: ['jsonrpc'],
};

const listTools = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

/** `POST /mcp`. */
export function mcpPaths(): Record<string, Node> {
  const errors = errorResponses('problem', [
    'feature_not_configured',
    // What any other method is answered with.
    'method_not_allowed',
    ...keyErrors,
    ...bodyErrors,
  ]);
  const wrong = errors['400'] ?? {};
  const content = (wrong['content'] ?? {}) as Readonly<Record<string, Node>>;
  const json = content['application/json'];
  return {
    '/mcp': {
      post: {
        operationId: 'callMcp',
        summary: 'The Model Context Protocol',
        description: 'Streamable HTTP without sessions, see docs/mcp.md. Each message is on its own.',
        tags: ['Service'],
        security: anyKey,
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: { anyOf: [message, { type: 'array', items: message }] },
              examples: named({ listTools }),
            },
          },
        },
        responses: {
          '200': {
            description: 'The answer to a request, also when the tool could not do what was asked.',
            headers: headerRefs({}),
            content: { 'application/json': { schema: { anyOf: [message, { type: 'array', items: message }] } } },
          },
          '202': { description: 'Taken; notifications have no answer.', headers: headerRefs({}) },
          ...errors,
          // What is no message of MCP is answered as the protocol has it.
          '400': {
            ...wrong,
            content: { ...content, 'application/json': { ...json, schema: { anyOf: [json?.['schema'], message] } } },
          },
        },
      },
    },
  };
}
