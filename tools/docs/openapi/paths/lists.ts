import type { z } from 'zod';
import type { ErrorCode } from '../../../../src/jobs/error-codes';
import { BatchJobsQuery, BatchListQuery, JobListQuery } from '../../../../src/jobs/list-requests';
import { NO_STATUS } from '../../../../src/jobs/request-fields';
import { anyKey, headerRefs } from '../components';
import { errorResponses, keyErrors } from '../errors';
import { BATCH_ID, TARGET, jobExamples, listedBatchExample, named } from '../examples';
import { batchFilterNotes, jobFilterNotes, memberFilterNotes } from '../field-notes';
import { propertiesOf, ref } from '../json-schema';
import type { Node } from '../json-schema';
import { batchId } from './batch-id';

const filterExamples: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  status: { running: 'running' },
  host: { shop: new URL(TARGET).hostname },
  clientId: { own: 'order-17' },
  failReason: { timeout: 'failed_due_to_timeout' },
  statusCode: { notFound: 404, noAnswer: NO_STATUS },
  tag: { shop: 'shop' },
  batch: { batch: BATCH_ID },
  since: { morning: '2026-03-02T09:00:00Z' },
  until: { noon: '2026-03-02T12:00:00+01:00' },
  q: { products: 'products' },
  limit: { few: 10 },
};

/** In a query everything is text, and these are numbers. */
const numbers: Readonly<Record<string, Node>> = {
  limit: { type: 'integer', minimum: 1, maximum: 1_000, default: 100 },
  statusCode: { anyOf: [{ type: 'integer', minimum: 100, maximum: 999 }, { const: NO_STATUS }] },
};

/** Parameters of a list. Its `cursor` has no example, because it comes from an answer. */
const parametersOf = (schema: z.ZodObject, notes: Readonly<Record<string, string>>): Node[] =>
  Object.entries(propertiesOf(schema)).map(([name, property]) => ({
    name,
    in: 'query',
    description: notes[name],
    schema: numbers[name] ?? property,
    ...(filterExamples[name] && { examples: named(filterExamples[name]) }),
  }));

interface List {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly parameters: readonly Node[];
  readonly page: Node;
  readonly errors?: readonly ErrorCode[];
}

const list = ({ page, errors = [], ...operation }: List): Node => ({
  get: {
    ...operation,
    security: anyKey,
    responses: {
      '200': {
        description: 'A page of the list.',
        headers: headerRefs({ Link: 'NextPage' }),
        content: { 'application/json': page },
      },
      ...errorResponses('problem', [...keyErrors, ...errors]),
    },
  },
});

const SHORT_PAGES =
  'A search reads 50,000 rows at most; when it has found less than a page by then, the page is short, or even empty, and `nextCursor` goes on.';

/** `GET /batches`, `GET /jobs` and `GET /batches/{id}/jobs`. */
export function listPaths(publicUrl: string): Record<string, Node> {
  const { running, finished, failed } = jobExamples(publicUrl);
  const { response: _page, ...listed } = finished;
  const jobs = {
    schema: ref('JobPage'),
    examples: named({ page: { items: [running, { ...listed, statusCode: 200 }, failed] } }),
  };
  const batches = {
    schema: ref('BatchPage'),
    examples: named({ page: { items: [listedBatchExample(publicUrl)] } }),
  };
  return {
    '/batches': list({
      operationId: 'listBatches',
      summary: 'The batches of a key',
      description: `Newest first. ${SHORT_PAGES}`,
      tags: ['Batches'],
      parameters: parametersOf(BatchListQuery, batchFilterNotes),
      page: batches,
    }),
    '/jobs': list({
      operationId: 'listJobs',
      summary: 'The jobs of a key',
      description: `Job objects without pages, newest first; the URLs of a batch come together, in input order. ${SHORT_PAGES}`,
      tags: ['Jobs'],
      parameters: parametersOf(JobListQuery, jobFilterNotes),
      page: jobs,
    }),
    '/batches/{id}/jobs': list({
      operationId: 'listBatchJobs',
      summary: 'The URLs of a batch',
      description: `Job objects without pages, in input order. A URL that has not been tried yet is running, with 0 attempts.`,
      tags: ['Batches'],
      parameters: [batchId, ...parametersOf(BatchJobsQuery, memberFilterNotes)],
      page: jobs,
      errors: ['expired'],
    }),
  };
}
