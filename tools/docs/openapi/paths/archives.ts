import { anyKey, headerRefs } from '../components';
import { errorResponses, jobErrors, keyErrors } from '../errors';
import type { Node } from '../json-schema';
import { batchId } from './batches';
import { jobId } from './jobs';

const file = (headers: Node): Node => ({
  description: 'A WARC file, each record a gzip member of its own.',
  headers,
  content: { 'application/gzip': { schema: { type: 'string', format: 'binary' } } },
});

/** `GET /batches/{id}/archive.warc.gz` and `GET /jobs/{id}/archive.warc.gz`. */
export const archivePaths = (): Record<string, Node> => ({
  '/batches/{id}/archive.warc.gz': {
    get: {
      operationId: 'getBatchArchive',
      summary: 'The pages of a batch as a WARC file',
      description:
        'A `warcinfo` record, the stored records with payload digests, and a `metadata` record that counts them and those that are left out because they are damaged. While the batch runs it holds what has ended so far.',
      tags: ['Batches'],
      security: anyKey,
      parameters: [batchId],
      responses: {
        '200': file(headerRefs({ 'X-Batch-Unfinished': 'BatchUnfinished' })),
        ...errorResponses('problem', [...keyErrors, 'expired']),
      },
    },
  },
  '/jobs/{id}/archive.warc.gz': {
    get: {
      operationId: 'getJobArchive',
      summary: 'The page of a job as a WARC file',
      tags: ['Jobs'],
      security: anyKey,
      parameters: [jobId],
      responses: { '200': file(headerRefs({})), ...errorResponses('problem', [...keyErrors, ...jobErrors]) },
    },
  },
});
