import { anyKey, headerRefs } from '../components';
import { errorResponses, submissionErrors } from '../errors';
import { jobExamples, named, requests } from '../examples';
import { ref } from '../json-schema';
import type { Node } from '../json-schema';

export const idempotencyKey: Node = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'The same key and body within 24 hours give the first answer again, with the same ids.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x20-\\x7e]+$' },
};

export const ofAnySubmission = {
  'X-Ignored-Parameters': 'IgnoredParameters',
  'Idempotency-Replayed': 'IdempotencyReplayed',
  RateLimit: 'RateLimit',
  'RateLimit-Policy': 'RateLimitPolicy',
} as const;
const ofABatch = { 'X-Batch-Id': 'BatchId', Location: 'Location', Link: 'Link' } as const;

const acceptedArray: Node = { type: 'array', minItems: 1, items: ref('AcceptedJob') };

/** Ways to send the key. `{}` stands for a key in the body, for which OpenAPI has no scheme. */
const security = [...anyKey, {}];

/** `POST /jobs` and `POST /batchjobs`. */
export function submissionPaths(publicUrl: string): Record<string, Node> {
  const { accepted, acceptedBatch } = jobExamples(publicUrl);
  return {
    '/jobs': {
      post: {
        operationId: 'submitJob',
        summary: 'Submit a URL',
        description:
          'The answer means that the job is stored on disk. With `urls` it is a batch, and the answer an array.',
        tags: ['Submissions'],
        security,
        parameters: [idempotencyKey],
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: { anyOf: [ref('SingleSubmission'), ref('BatchSubmission')] },
              examples: named(requests),
            },
          },
        },
        responses: {
          '200': {
            description: 'Accepted. `GET /jobs/{id}` tells what becomes of it.',
            headers: headerRefs({ ...ofAnySubmission, ...ofABatch }),
            content: {
              'application/json': {
                schema: { oneOf: [ref('AcceptedJob'), acceptedArray] },
                examples: named({ job: accepted, batch: acceptedBatch }),
              },
            },
          },
          ...errorResponses('compatible', submissionErrors),
        },
      },
    },
    '/batchjobs': {
      post: {
        operationId: 'submitBatch',
        summary: 'Submit up to 50,000 URLs',
        description: 'Nothing is created when one of the URLs is not valid. `url` is taken for a batch of one.',
        tags: ['Submissions'],
        security,
        parameters: [idempotencyKey],
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: { anyOf: [ref('BatchSubmission'), ref('SingleSubmission')] },
              examples: named({ batch: requests.batch, oneUrl: requests.oneUrl }),
            },
          },
        },
        responses: {
          '200': {
            description: 'Accepted: an element for each URL, in the order they were sent.',
            headers: headerRefs({ ...ofAnySubmission, ...ofABatch }),
            content: { 'application/json': { schema: acceptedArray, examples: named({ batch: acceptedBatch }) } },
          },
          ...errorResponses('compatible', submissionErrors),
        },
      },
    },
  };
}
