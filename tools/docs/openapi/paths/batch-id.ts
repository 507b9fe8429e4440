import { BATCH_ID, named } from '../examples';
import type { Node } from '../json-schema';

/** The parameter of all paths of one batch. */
export const batchId: Node = {
  name: 'id',
  in: 'path',
  required: true,
  description: '`X-Batch-Id` of the submission. The batch of another key does not exist.',
  schema: { type: 'string', format: 'uuid' },
  examples: named({ batch: BATCH_ID }),
};
