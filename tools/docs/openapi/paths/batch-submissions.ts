import { anyKey, headerRefs } from '../components';
import { errorResponses, submissionErrors } from '../errors';
import { batchExample, linesExample, named, namedBatch } from '../examples';
import { ref } from '../json-schema';
import type { Node } from '../json-schema';
import { apiParamSchemas, batchFields } from '../request-schemas';
import { jobFieldNotes } from '../field-notes';
import { idempotencyKey, ofAnySubmission } from './submissions';

const parameter = (name: string, schema: Node = { type: 'string' }, examples?: Record<string, unknown>): Node => {
  const { description, ...rest } = schema;
  return {
    name,
    in: 'query',
    ...(description !== undefined && { description }),
    schema: rest,
    ...(examples !== undefined && { examples: named(examples) }),
  };
};

/** Fields of a batch of lines, which stand in the query. */
function queryOfLines(): Node[] {
  const { tags, onDone, ...fields } = batchFields();
  return [
    ...Object.entries(fields).map(([name, schema]) => parameter(name, schema)),
    parameter('tags', { description: `${String(tags?.['description'])} With lines only.`, type: 'string' }),
    parameter('onDone', { description: String(onDone?.['description']), type: 'string' }),
    parameter('callback', { description: jobFieldNotes['callback'], type: 'string' }),
    parameter('timeoutSec', { description: jobFieldNotes['timeoutSec'], type: 'string' }),
    parameter('expectUnsuccessReport', {
      description: jobFieldNotes['expectUnsuccessReport'],
      ...ref('LenientBoolean'),
    }),
    ...Object.entries(apiParamSchemas()).map(([name, schema]) => parameter(name, schema)),
  ];
}

/** `POST /batches`. */
export const batchSubmissionPath = (publicUrl: string): Node => ({
  operationId: 'createBatch',
  summary: 'Submit a batch, with options per URL where that is wanted',
  description: [
    'As JSON all URLs have the same options. As lines (`application/x-ndjson`, also gzip encoded) each may have its own, and the fields',
    'of the batch are query parameters; a line is named by its number when something is wrong with it. Nothing is created unless all of it',
    'is valid. The query parameters go with lines only.',
  ].join(' '),
  tags: ['Batches'],
  security: [...anyKey, {}],
  parameters: [idempotencyKey, ...queryOfLines()],
  requestBody: {
    required: true,
    content: {
      'application/json': {
        schema: { anyOf: [ref('BatchSubmission'), ref('SingleSubmission')] },
        examples: named({ named: namedBatch }),
      },
      'application/x-ndjson': {
        schema: ref('BatchLine'),
        examples: named(Object.fromEntries(linesExample.map((line, index) => [`line${index + 1}`, line]))),
      },
    },
  },
  responses: {
    '202': {
      description: 'Accepted: the batch.',
      headers: headerRefs({
        ...ofAnySubmission,
        'X-Batch-Id': 'BatchId',
        Location: 'Location',
      }),
      content: { 'application/json': { schema: ref('Batch'), examples: named({ running: batchExample(publicUrl) }) } },
    },
    ...errorResponses('problem', [...submissionErrors, 'expired']),
  },
});
