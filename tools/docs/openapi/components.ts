import * as answers from '../../../src/jobs/answer-schemas';
import * as control from '../../../src/jobs/batch-control-schema';
import * as deliveries from '../../../src/jobs/delivery-object-schema';
import * as receivers from '../../../src/jobs/receiver-object-schema';
import * as keys from '../../../src/jobs/key-object-schema';
import * as jobs from '../../../src/jobs/job-object-schema';
import { Overview } from '../../../src/jobs/overview-schema';
import { requestSchemas } from './request-schemas';
import { ref, toSchema } from './json-schema';
import type { Node } from './json-schema';

/** Answer schemas by the name they have in the document. */
export const answerSchemas = {
  RunningJob: jobs.RunningJob,
  FinishedJob: jobs.FinishedJob,
  FailedJob: jobs.FailedJob,
  CancelledJob: jobs.CancelledJob,
  AcceptedJob: jobs.AcceptedJob,
  Batch: answers.BatchObject,
  BatchPage: answers.BatchPage,
  FailureClusters: control.FailureClusters,
  RetryPreview: control.RetryPreview,
  JobPage: answers.JobPage,
  Delivery: deliveries.DeliveryObject,
  DeliveryPage: deliveries.DeliveryPage,
  Replayed: deliveries.Replayed,
  WebhookSecret: deliveries.WebhookSecret,
  Receiver: receivers.ReceiverObject,
  ReceiverPage: receivers.ReceiverPage,
  Host: answers.HostObject,
  Account: answers.AccountObject,
  UrlCost: answers.UrlCost,
  Overview,
  UsageHours: answers.UsageHours,
  Key: keys.KeyObject,
  CreatedKey: keys.CreatedKey,
  KeyPage: keys.KeyPage,
  Error: answers.ErrorObject,
  Problem: answers.Problem,
  Health: answers.Health,
  Readiness: answers.Readiness,
};

const jobStates = {
  running: ref('RunningJob'),
  finished: ref('FinishedJob'),
  failed: ref('FailedJob'),
  cancelled: ref('CancelledJob'),
};

const job: Node = {
  description: 'The same object everywhere: at the status URL and in callbacks.',
  oneOf: Object.values(jobStates),
  discriminator: {
    propertyName: 'status',
    mapping: Object.fromEntries(Object.entries(jobStates).map(([status, { $ref }]) => [status, $ref])),
  },
};

const header = (description: string, schema: Node = { type: 'string' }): Node => ({ description, schema });

const headers = {
  RequestId: header('Finds the request in the log.', { type: 'string', format: 'uuid' }),
  RetryAfter: header('Seconds to wait before asking again.', { type: 'string', pattern: '^\\d+$' }),
  RateLimit: header('What the limits of the key leave: `submit` (submissions) and `unfinished` (URLs).'),
  RateLimitPolicy: header('The limits of the key (draft-ietf-httpapi-ratelimit-headers).'),
  IgnoredParameters: header(
    'Names of fields that were ignored, percent-encoded: those that are not known, and with `MISSING_FEATURES=ignore` those that this server has not been given the means for.',
  ),
  IdempotencyReplayed: header('This is the answer to an earlier request with the same `Idempotency-Key`.', {
    type: 'string',
    const: 'true',
  }),
  BatchId: header('Id of the batch.', { type: 'string', format: 'uuid' }),
  BatchUnfinished: header(
    'How many URLs of the batch had not ended when the answer began, and so have no line in it; 0: none will follow.',
    { type: 'string', pattern: '^\\d+$' },
  ),
  Location: header('Path of the batch.'),
  JobLocation: header('Path of the job.'),
  JobId: header('Id of the job that was made for the request.', { type: 'string', format: 'uuid' }),
  CreditCost: header('Credits that were charged.', { type: 'string', pattern: '^\\d+$' }),
  FinalUrl: header('URL at which the redirects ended.'),
  PageStatus: header('Status of the page, as the answer itself has it.', { type: 'string', pattern: '^\\d+$' }),
  Link: header('The same path with `rel="batch"`.'),
  DeliveryLocation: header('Path of the delivery.'),
  KeyLocation: header('Path of the key.'),
  NextPage: header('Path of the next page with `rel="next"`, without the API key; absent on the last page.'),
  ETag: header('Only for a finished job, which never changes.'),
};

/** Ways to send the API key. It may also be `apiKey` or `api_key` in a JSON body. */
const securitySchemes = {
  apiKeyHeader: { type: 'apiKey', in: 'header', name: 'x-api-key' },
  bearer: { type: 'http', scheme: 'bearer', description: 'The API key as bearer token.' },
  apiKeyQuery: { type: 'apiKey', in: 'query', name: 'api_key' },
  apiKeyCamelQuery: { type: 'apiKey', in: 'query', name: 'apiKey' },
};

/** Requires one of the four schemes. */
export const anyKey: readonly Node[] = Object.keys(securitySchemes).map((name) => ({ [name]: [] }));

export const components = (): Node => ({
  schemas: {
    ...requestSchemas(),
    Job: job,
    ...Object.fromEntries(Object.entries(answerSchemas).map(([name, schema]) => [name, toSchema(schema)])),
  },
  headers,
  securitySchemes,
});

export const headerRefs = (names: Readonly<Record<string, keyof typeof headers>>): Node =>
  Object.fromEntries(
    Object.entries({ 'X-Request-Id': 'RequestId', ...names }).map(([name, component]) => [
      name,
      { $ref: `#/components/headers/${component}` },
    ]),
  );
