import { z } from 'zod';

type Json = any; // eslint-disable-line @typescript-eslint/no-explicit-any

const withDefs = (schema: unknown): string => JSON.stringify(schema).replaceAll('"#/components/schemas/', '"#/$defs/');

/** A schema that stands in an OpenAPI document, as one that checks values. */
export function schemaIn(document: Json, schema: Json): z.ZodType {
  const $defs = JSON.parse(withDefs(document.components.schemas));
  return z.fromJSONSchema({ ...JSON.parse(withDefs(schema)), $defs });
}

/** What is wrong with an answer as far as the document tells; undefined when it is as documented. */
export function undocumented(
  document: Json,
  operation: Json,
  answer: { readonly status: number; readonly headers: Headers; readonly body?: unknown },
): string | undefined {
  const response = operation.responses[String(answer.status)];
  if (response === undefined) return `status ${answer.status} is not documented`;
  if (response.content === undefined) return answer.body === undefined ? undefined : 'a body is not documented';
  const type = answer.headers.get('content-type')?.split(';')[0] ?? 'none';
  const content = response.content[type] ?? response.content['*/*'];
  if (content === undefined) return `content type ${type} of status ${answer.status} is not documented`;
  const schema = schemaIn(document, content.schema);
  // In a stream of lines, the schema describes each line.
  const result = (type === 'application/x-ndjson' ? z.array(schema) : schema).safeParse(answer.body);
  return result.success ? undefined : z.prettifyError(result.error);
}
