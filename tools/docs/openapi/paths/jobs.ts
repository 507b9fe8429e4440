import { anyKey, headerRefs } from '../components';
import { errorResponses, jobErrors, keyErrors } from '../errors';
import { JOB_ID, jobExamples, named } from '../examples';
import { ref } from '../json-schema';
import type { Node } from '../json-schema';

export const jobId: Node = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'Id of the job. Whoever has it needs no key.',
  schema: { type: 'string', format: 'uuid' },
  examples: named({ job: JOB_ID }),
};

const response: Node = {
  name: 'response',
  in: 'query',
  description: 'With false the page is left out; its headers and status stay.',
  schema: { type: 'string', enum: ['true', 'false'], default: 'true' },
  examples: named({ withoutPage: 'false' }),
};

const attempts: Node = {
  name: 'attempts',
  in: 'query',
  description:
    'With true the object has `tried`: what its attempts came to, and why each was made as it was. Without an `ETag` then. A key is needed only to see which proxies were used.',
  schema: { type: 'boolean', default: false },
};

const purge: Node = {
  name: 'purge',
  in: 'query',
  description:
    'Forget a job that has ended: its page, its deliveries and what was asked. Its id answers `expired` from then on.',
  schema: { type: 'boolean', default: false },
};

const ifNoneMatch = (etag: string): Node => ({
  name: 'If-None-Match',
  in: 'header',
  description: 'The `ETag` of an earlier answer.',
  schema: { type: 'string' },
  examples: named({ earlierAnswer: etag }),
});

/** `GET` and `DELETE /jobs/{id}`, its page and its screenshot. */
export function jobPaths(publicUrl: string): Record<string, Node> {
  const { running, finished, finishedJson, finishedWithout, failed, failedWithAttempts, cancelled } =
    jobExamples(publicUrl);
  const answer = (headers: Node, examples: Readonly<Record<string, unknown>>): Node => ({
    description: 'The job object, whatever its state.',
    headers,
    content: { 'application/json': { schema: ref('Job'), examples: named(examples) } },
  });
  return {
    '/jobs/{id}': {
      get: {
        operationId: 'getJob',
        summary: 'What has become of a job',
        tags: ['Jobs'],
        security: [{}, ...anyKey],
        parameters: [jobId, response, attempts, ifNoneMatch(`"${JOB_ID}"`)],
        responses: {
          '200': answer(headerRefs({ ETag: 'ETag', 'Retry-After': 'RetryAfter' }), {
            running,
            finished,
            finishedJson,
            finishedWithout,
            failed,
            failedWithAttempts,
            cancelled,
          }),
          '304': {
            description: 'The job has finished, and the answer with this `ETag` is still right.',
            headers: headerRefs({ ETag: 'ETag' }),
          },
          ...errorResponses('compatible', [...jobErrors, 'unknown_api_key']),
        },
      },
      delete: {
        operationId: 'cancelJob',
        summary: 'Cancel or forget a job',
        description:
          'A job that has ended stays as it is, unless it is to be forgotten. A cancelled job costs nothing. Cancelling needs no key, forgetting does.',
        tags: ['Jobs'],
        security: [{}, ...anyKey],
        parameters: [jobId, purge],
        responses: {
          '200': answer(headerRefs({}), { cancelled, finished, failed }),
          '204': { description: 'With `purge`: it is gone.', headers: headerRefs({}) },
          ...errorResponses('compatible', [...jobErrors, ...keyErrors, 'job_running']),
        },
      },
    },
    '/jobs/{id}/body': {
      get: {
        operationId: 'getJobBody',
        summary: 'The page itself',
        description:
          'As the target sent it, in the content coding it came in where the client takes that. A job without a page is `not_found`, with `Retry-After` while it runs.',
        tags: ['Jobs'],
        security: [],
        parameters: [jobId, ifNoneMatch(`"${JOB_ID}-body"`)],
        responses: {
          '200': {
            description: 'The page with its own content type.',
            headers: headerRefs({ ETag: 'ETag' }),
            content: { '*/*': { schema: { type: 'string', format: 'binary' } } },
          },
          '304': {
            description: 'The page with this `ETag` is still right.',
            headers: headerRefs({ ETag: 'ETag' }),
          },
          ...errorResponses('problem', jobErrors),
        },
      },
    },
    '/jobs/{id}/screenshot': {
      get: {
        operationId: 'getJobScreenshot',
        summary: 'The screenshot of a page',
        description:
          'The screenshot that the option `screenshot` asked for. The header `sa-screenshot` names it, in the job object and beside the page itself.',
        tags: ['Jobs'],
        security: [],
        parameters: [jobId, ifNoneMatch(`"${JOB_ID}-screenshot"`)],
        responses: {
          '200': {
            description: 'The whole page as PNG.',
            headers: headerRefs({ ETag: 'ETag' }),
            content: { 'image/png': { schema: { type: 'string', format: 'binary' } } },
          },
          '304': {
            description: 'The screenshot with this `ETag` is still right.',
            headers: headerRefs({ ETag: 'ETag' }),
          },
          ...errorResponses('problem', jobErrors),
        },
      },
    },
  };
}
