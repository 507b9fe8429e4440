import { apiParamNotes } from '../field-notes';
import { anyKey, headerRefs } from '../components';
import { errorResponses, submissionErrors, waitingErrors } from '../errors';
import { jobExamples, named, requests } from '../examples';
import { ref } from '../json-schema';
import type { Node } from '../json-schema';
import { idempotencyKey, ofAnySubmission } from './submissions';

const scrape = (publicUrl: string): Node => {
  const { running, finished, failed, cancelled } = jobExamples(publicUrl);
  const answer = (description: string, headers: Node, examples: Readonly<Record<string, unknown>>): Node => ({
    description,
    headers,
    content: { 'application/json': { schema: ref('Job'), examples: named(examples) } },
  });
  return {
    operationId: 'scrape',
    summary: 'Fetch a URL and wait for it',
    description:
      'Takes a job as `POST /jobs` does, and answers it once it has ended, however. The job goes on when the time to wait is over, and when the client goes away.',
    tags: ['Submissions'],
    security: [...anyKey, {}],
    parameters: [
      {
        name: 'wait',
        in: 'query',
        description: 'How long to wait (seconds). Without it as long as `SYNC_WAIT_SEC` says.',
        schema: { type: 'integer', minimum: 1, maximum: 120 },
        examples: named({ long: 120 }),
      },
      idempotencyKey,
    ],
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: ref('SingleSubmission'),
          examples: named({ oneUrl: requests.oneUrl, withOptions: requests.withOptions }),
        },
      },
    },
    responses: {
      '200': answer('The job has ended.', headerRefs(ofAnySubmission), { finished, failed, cancelled }),
      '202': answer(
        'The time is over, and the job goes on.',
        headerRefs({ ...ofAnySubmission, Location: 'JobLocation', 'Retry-After': 'RetryAfter' }),
        { running },
      ),
      ...errorResponses('problem', [...submissionErrors, ...waitingErrors]),
    },
  };
};

const description =
  "The hosted service's synchronous form: the answer is the page itself, with its own status and type, or 500 with a sentence. What is not finished in time is cancelled and costs nothing. A body and its type are sent on to the target.";

const page = (operationId: string, summary: string, takesBody: boolean): Node => ({
  operationId,
  summary,
  description: takesBody
    ? description
    : `${description} Without \`url\` it is the dashboard, for which no key is needed.`,
  tags: ['Submissions'],
  security: takesBody ? anyKey : [...anyKey, {}],
  parameters: [
    {
      name: 'url',
      in: 'query',
      required: takesBody,
      description: 'What to fetch, percent-encoded.',
      schema: { type: 'string' },
      examples: named({ page: 'https://shop.example/item/1' }),
    },
    ...Object.entries(apiParamNotes).map(([name, description]) => ({
      ...{ name, in: 'query', description, schema: { type: 'string' } },
      ...(name === 'follow_redirect' && { examples: named({ without: 'false' }) }),
    })),
  ],
  ...(takesBody && { requestBody: { content: { '*/*': { schema: { type: 'string' } } } } }),
  responses: {
    '200': {
      description: 'The page; its status may be any other that counts as a result, such as 404.',
      headers: headerRefs({
        'sa-final-url': 'FinalUrl',
        'sa-statuscode': 'PageStatus',
        'sa-credit-cost': 'CreditCost',
        'X-Job-Id': 'JobId',
        'X-Ignored-Parameters': 'IgnoredParameters',
        RateLimit: 'RateLimit',
        'RateLimit-Policy': 'RateLimitPolicy',
      }),
      content: { '*/*': { schema: { type: 'string', format: 'binary' } } },
    },
    ...errorResponses('compatible', [...submissionErrors, ...waitingErrors, 'fetch_failed']),
  },
});

/** Adds the sentence that stands in place of the dashboard where that was not built. */
function withDashboard(operation: Node): Node {
  const responses = operation['responses'] as Record<string, { readonly content: Node }>;
  const { '404': missing } = responses;
  const content = { ...missing?.content, 'text/plain': { schema: { type: 'string' } } };
  return { ...operation, responses: { ...responses, '404': { ...missing, content } } };
}

/** `POST /scrape` and `/?url=…`, which wait for their page. */
export const synchronousPaths = (publicUrl: string): Record<string, Node> => ({
  '/scrape': { post: scrape(publicUrl) },
  '/': {
    get: withDashboard(page('getPage', 'Fetch a URL and get its page', false)),
    post: page('postPage', 'Send a body to a URL and get the page', true),
    put: page('putPage', 'Put a body to a URL and get the page', true),
  },
});
