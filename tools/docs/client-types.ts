import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format } from 'prettier';
import type { Options } from 'prettier';
import { typeOf } from './typescript-of-schema';
import type { SchemaUse } from './typescript-of-schema';
import type { Node } from './openapi/json-schema';
import { requestSchemas } from './openapi/request-schemas';

/** Schemas without a type of their own: what lenient clients send is given where it is used, and errors are thrown as classes. */
const UNNAMED = ['LenientBoolean', 'TargetUrl', 'Error', 'Problem'];

const HEAD = `// Made by "npm run docs" from docs/openapi.json: change the schemas that it is made from.

`;

const typeName = (operationId: string, suffix: string): string =>
  `${operationId.charAt(0).toUpperCase()}${operationId.slice(1)}${suffix}`;

const nodeIn = (node: Node, ...path: readonly string[]): Node =>
  path.reduce<Node>((at, name) => (at[name] ?? {}) as Node, node);

/**
 * The types of the client, as TypeScript: every schema of the document under its name, the query of each operation that has one as
 * `<Operation>Query`, and each body that has no name as `<Operation>Body`.
 */
export async function clientTypes(root: string, documentText: string): Promise<string> {
  const document = JSON.parse(documentText) as Node;
  const requests = Object.keys(requestSchemas());
  const named = Object.entries(nodeIn(document, 'components', 'schemas'))
    .filter(([name]) => !UNNAMED.includes(name))
    .map(([name, schema]) => declaration(name, schema as Node, requests.includes(name) ? 'request' : 'answer'));
  const text = [HEAD, ...named, ...operationsOf(document).flatMap(ofOperation)].join('\n');
  const style = JSON.parse(await readFile(join(root, '.prettierrc.json'), 'utf8')) as Options;
  return format(text, { ...style, parser: 'typescript' });
}

interface Operation {
  readonly method: string;
  readonly operation: Node;
}

/** All operations but those of the synchronous form, whose query is that of another service. */
const operationsOf = (document: Node): Operation[] =>
  Object.entries(nodeIn(document, 'paths'))
    .filter(([path]) => path !== '/')
    .flatMap(([, methods]) =>
      Object.entries(methods as Readonly<Record<string, Node>>).map(([method, operation]) => ({ method, operation })),
    );

function ofOperation({ method, operation }: Operation): string[] {
  const id = operation['operationId'] as string;
  const parameters = (operation['parameters'] ?? []) as readonly Node[];
  const query = parameters.filter(({ in: place, name }) => place === 'query' && !String(name).startsWith('api'));
  const properties = Object.fromEntries(
    query.map(({ name, schema, description }) => [name, { ...(schema as Node), description }]),
  );
  const required = query.filter((parameter) => parameter['required'] === true).map(({ name }) => name);
  const body = nodeIn(operation, 'requestBody', 'content', 'application/json', 'schema');
  return [
    ...(query.length > 0
      ? [declaration(typeName(id, 'Query'), { type: 'object', properties, required }, 'request')]
      : []),
    ...(body['type'] === 'object'
      ? [declaration(typeName(id, 'Body'), body, method === 'patch' ? 'change' : 'request')]
      : []),
  ];
}

function declaration(name: string, schema: Node, use: SchemaUse): string {
  const description = schema['description'];
  const comment = typeof description === 'string' ? `/** ${description} */\n` : '';
  const type = typeOf(schema, use);
  return schema['type'] === 'object' && type.startsWith('{')
    ? `${comment}export interface ${name} ${type}\n`
    : `${comment}export type ${name} = ${type};\n`;
}
