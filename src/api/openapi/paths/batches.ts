import { anyKey, headerRefs } from '../components';
import { errorResponses, keyErrors } from '../errors';
import { BATCH_ID, batchExample, named } from '../examples';
import { ref } from '../json-schema';
import type { Node } from '../json-schema';

/** `GET /batches/{id}`. */
export const batchPaths = (): Record<string, Node> => ({
  '/batches/{id}': {
    get: {
      operationId: 'getBatch',
      summary: 'How far a batch is',
      tags: ['Batches'],
      security: anyKey,
      parameters: [
        {
          name: 'id',
          in: 'path',
          required: true,
          description: '`X-Batch-Id` of the submission. The batch of another key does not exist.',
          schema: { type: 'string', format: 'uuid' },
          examples: named({ batch: BATCH_ID }),
        },
      ],
      responses: {
        '200': {
          description: 'The batch.',
          headers: headerRefs({}),
          content: { 'application/json': { schema: ref('Batch'), examples: named({ running: batchExample }) } },
        },
        ...errorResponses('problem', keyErrors),
      },
    },
  },
});
