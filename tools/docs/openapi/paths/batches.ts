import { resultFields } from '../../../../src/jobs/result-fields';
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
  required: ['cursor'],
};

/** `POST /batches`, `GET` and `DELETE /batches/{id}`, its results and its events. */
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
          examples: named({ pages: 'finished' }),
        },
        {
          name: 'follow',
          in: 'query',
          description:
            'With true the answer stays open until the batch has ended. An empty line every 15 s shows that it lives.',
          schema: { type: 'string', enum: ['true', 'false'], default: 'false' },
          examples: named({ untilTheEnd: 'true' }),
        },
        {
          name: 'fields',
          in: 'query',
          description: `The only fields of the job objects, with commas between them: ${resultFields.join(', ')}. Without \`response\` no page is read, which is much faster; \`statusCode\` is then that of the page.`,
          schema: { type: 'string', maxLength: 500 },
          examples: named({ withoutPages: 'id,status,url,clientId' }),
        },
      ],
      responses: {
        '200': {
          description: 'Newline-delimited JSON, gzipped for clients that accept it.',
          headers: headerRefs({ 'X-Batch-Unfinished': 'BatchUnfinished' }),
          content: { 'application/x-ndjson': { schema: resultLine } },
        },
        ...errorResponses('problem', [...keyErrors, 'expired', 'too_many_streams']),
      },
    },
  },
  '/batches/{id}/events': {
    get: {
      operationId: 'getBatchEvents',
      summary: 'A batch as it changes',
      description:
        'Server-Sent Events: an event `batch` with the batch object whenever it has changed, at most two a second; the last one when the batch has ended, and then the end of the answer. Only counts, status and options make an event, not the time that passes. A comment every 15 s shows that it lives.',
      tags: ['Batches'],
      security: anyKey,
      parameters: [
        batchId,
        {
          name: 'Last-Event-ID',
          in: 'header',
          description: 'Id of the last event that has come: nothing is sent until there is another state.',
          schema: { type: 'string' },
        },
      ],
      responses: {
        '200': {
          description: 'The stream.',
          headers: headerRefs({}),
          content: { 'text/event-stream': { schema: { type: 'string' } } },
        },
        '204': { description: 'The last event is the end of the batch: nothing will follow.', headers: headerRefs({}) },
        ...errorResponses('problem', [...keyErrors, 'expired', 'too_many_streams']),
      },
    },
  },
});
