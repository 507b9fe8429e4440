import { anyKey, headerRefs } from '../components';
import { errorResponses, keyErrors } from '../errors';
import { FORGOTTEN_BATCH_ID, batchExample, named } from '../examples';
import { ref } from '../json-schema';
import type { Node } from '../json-schema';
import { batchControlPaths, patchBatch } from './batch-control';
import { batchId } from './batch-id';
import { batchSubmissionPath } from './batch-submissions';

const resultLine: Node = {
  description: 'The job object, and `cursor`.',
  type: 'object',
  properties: {
    id: { type: 'string', format: 'uuid' },
    status: { type: 'string', enum: ['finished', 'failed', 'cancelled'] },
    cursor: { type: 'string' },
    error: { type: 'string', enum: ['page_damaged'] },
  },
  required: ['id', 'status', 'cursor'],
};

/** `POST /batches`, `GET` and `DELETE /batches/{id}`, and `GET /batches/{id}/results`. */
export const batchPaths = (publicUrl: string): Record<string, Node> => ({
  '/batches': { post: batchSubmissionPath(publicUrl) },
  '/batches/{id}': {
    patch: patchBatch(publicUrl),
    get: {
      operationId: 'getBatch',
      summary: 'How far a batch is',
      tags: ['Batches'],
      security: anyKey,
      parameters: [batchId],
      responses: {
        '200': {
          description: 'The batch.',
          headers: headerRefs({}),
          content: {
            'application/json': { schema: ref('Batch'), examples: named({ running: batchExample(publicUrl) }) },
          },
        },
        ...errorResponses('problem', [...keyErrors, 'expired']),
      },
    },
    delete: {
      operationId: 'forgetBatch',
      summary: 'Forget a batch',
      description:
        'Deletes an ended batch, its jobs, their pages and deliveries. Ids of them answer `expired` from then on.',
      tags: ['Batches'],
      security: anyKey,
      parameters: [
        { ...batchId, examples: named({ batch: FORGOTTEN_BATCH_ID }) },
        {
          name: 'cancel',
          in: 'query',
          description: 'A batch that runs is cancelled, and deleted as soon as it has ended.',
          schema: { type: 'boolean', default: false },
        },
      ],
      responses: {
        '202': {
          description: 'The batch is being cancelled, and deleted then.',
          headers: headerRefs({ 'Retry-After': 'RetryAfter' }),
          content: { 'application/json': { schema: ref('Batch') } },
        },
        '204': { description: 'It is gone.', headers: headerRefs({}) },
        ...errorResponses('problem', [...keyErrors, 'batch_running', 'expired']),
      },
    },
  },
  ...batchControlPaths(publicUrl),
  '/batches/{id}/results': {
    get: {
      operationId: 'getBatchResults',
      summary: 'The results of a batch as a stream',
      description:
        'A job object with its page per line, in the order in which the jobs ended; what has ended so far, while the batch runs: the header `X-Batch-Unfinished` says how many URLs are left. Each line also carries `cursor`. A job whose stored page is damaged has `error: "page_damaged"` in place of `response`.',
      tags: ['Batches'],
      security: anyKey,
      parameters: [
        batchId,
        {
          name: 'cursor',
          in: 'query',
          description: 'Go on behind the line that carried it.',
          schema: { type: 'string', maxLength: 200 },
        },
        {
          name: 'status',
          in: 'query',
          description: 'Only jobs that ended like this.',
          schema: { type: 'string', enum: ['finished', 'failed', 'cancelled'] },
        },
      ],
      responses: {
        '200': {
          description: 'Newline-delimited JSON, gzipped for clients that accept it.',
          headers: headerRefs({ 'X-Batch-Unfinished': 'BatchUnfinished' }),
          content: { 'application/x-ndjson': { schema: resultLine } },
        },
        ...errorResponses('problem', [...keyErrors, 'expired']),
      },
    },
  },
});
