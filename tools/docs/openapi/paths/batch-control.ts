import { BatchPatch, RetryFailedRequest } from '../../../../src/jobs/batch-control-requests';
import type { ErrorCode } from '../../../../src/jobs/error-codes';
import { anyKey, headerRefs } from '../components';
import { bodyErrors, errorResponses, keyErrors } from '../errors';
import { JOB_ID, batchExample, named } from '../examples';
import { batchFieldNotes, retryFilterNotes } from '../field-notes';
import { propertiesOf, ref } from '../json-schema';
import type { Node } from '../json-schema';
import { batchId } from './batch-id';

const tags = ['Batches'];
const security = anyKey;

const answers = (publicUrl: string, errors: readonly ErrorCode[]): Node => ({
  '200': {
    description: 'The batch as it is now.',
    headers: headerRefs({}),
    content: { 'application/json': { schema: ref('Batch'), examples: named({ running: batchExample(publicUrl) }) } },
  },
  ...errorResponses('problem', [...errors, 'expired', ...keyErrors, ...bodyErrors]),
});

const json = (schemaName: string, examples: Readonly<Record<string, unknown>>): Node => ({
  'application/json': { schema: ref(schemaName), examples: named(examples) },
});

const clustersExample = {
  clusters: [
    ...[
      { failReason: 'failed_due_to_timeout', host: 'shop.example', statusCode: 503, jobs: 812, exampleJobId: JOB_ID },
    ],
    { failReason: 'failed_due_to_timeout', host: 'gone.example', jobs: 4, exampleJobId: JOB_ID },
  ],
  isComplete: true,
};

const body = (schema: Node, examples: Readonly<Record<string, unknown>>, required: boolean): Node => ({
  required,
  content: { 'application/json': { schema, examples: named(examples) } },
});

const withNotes = (properties: Readonly<Record<string, Node>>, notes: Readonly<Record<string, string>>): Node => ({
  type: 'object',
  properties: Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, { description: notes[name], ...schema }]),
  ),
  additionalProperties: false,
});

const VERBS = {
  cancel: [
    'Cancel a batch',
    'What is finished stays; what is being fetched is aborted, and all other URLs end as cancelled. Cancelling a cancelled batch changes nothing.',
  ],
  pause: [
    'Pause a batch',
    'No fetch begins within a second; what is in flight ends as usual, until `counts.running` is 0. The time given goes on.',
  ],
  resume: ['Go on with a paused batch', 'A batch that has no credits left pauses again at once.'],
} as const;

/** What is done with a batch as a whole. `PATCH /batches/{id}` is a part of the path item of `GET`. */
export const batchControlPaths = (publicUrl: string): Record<string, Node> => ({
  ...Object.fromEntries(
    Object.entries(VERBS).map(([verb, [summary, description]]) => [
      `/batches/{id}/${verb}`,
      {
        post: {
          ...{ operationId: `${verb}Batch`, summary, description, tags, security },
          parameters: [batchId],
          responses: answers(publicUrl, ['batch_ended']),
        },
      },
    ]),
  ),
  '/batches/{id}/retry-failed': {
    post: {
      operationId: 'retryFailedOfBatch',
      summary: 'Give failed URLs their time once more',
      description:
        'Under the same ids, with the time that they were first given, for a batch that has ended. Without a body all of them, except those that cost more than their `max_cost`. It counts as a submission: the key needs the credits and places.',
      ...{ tags, security },
      parameters: [batchId],
      requestBody: body(
        withNotes(propertiesOf(RetryFailedRequest), retryFilterNotes),
        {
          all: {},
          some: { failReason: 'failed_due_to_timeout', host: 'shop.example', statusCode: [500, 503] },
          howMany: { host: 'shop.example', dryRun: true },
          exactlyThese: { host: 'shop.example', statusCode: 503, ifCount: 812 },
        },
        false,
      ),
      responses: withPreview(
        answers(publicUrl, [
          ...(['batch_running', 'count_changed', 'credits_exhausted', 'too_many_unfinished'] as const),
          'submit_rate_exceeded',
        ]),
        publicUrl,
      ),
    },
  },
  '/batches/{id}/failures': {
    get: {
      operationId: 'getFailuresOfBatch',
      summary: 'Why URLs of a batch failed',
      description:
        'The failed URLs so far, grouped by reason, host and status of the last answer. `retry-failed` takes the same three as a filter.',
      ...{ tags, security },
      parameters: [batchId],
      responses: {
        '200': {
          description: 'The groups, the largest first.',
          headers: headerRefs({}),
          content: json('FailureClusters', { clusters: clustersExample }),
        },
        ...errorResponses('problem', [...keyErrors, 'expired']),
      },
    },
  },
});

/** With `dryRun` the answer is another one. */
function withPreview(responses: Node, publicUrl: string): Node {
  const schema = { oneOf: [ref('Batch'), ref('RetryPreview')] };
  const examples = named({ running: batchExample(publicUrl), dryRun: { jobs: 812, credits: 812 } });
  return {
    ...responses,
    '200': {
      description: 'The batch as it is now; with `dryRun` what would be retried.',
      headers: headerRefs({}),
      content: { 'application/json': { schema, examples } },
    },
  };
}

export const patchBatch = (publicUrl: string): Node => ({
  operationId: 'changeBatch',
  summary: 'Change a batch',
  description: 'All or nothing. Null takes a value away.',
  ...{ tags, security },
  parameters: [batchId],
  requestBody: body(
    { ...withNotes(propertiesOf(BatchPatch), batchFieldNotes), minProperties: 1 },
    { more: { maxCredits: 10_000 }, gentle: { maxPerHost: 2, name: null } },
    true,
  ),
  responses: answers(publicUrl, ['max_credits_below_spent', 'batch_not_paused']),
});
