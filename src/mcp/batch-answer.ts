import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { Batch } from '../client';

/** What a tool says about a batch: a sentence, and behind it the object. */
export function batchAnswer(batch: Batch): CallToolResult {
  const { id, status, counts, etaSeconds } = batch;
  const { total, finished, failed, cancelled } = counts;
  const eta = etaSeconds === undefined ? '' : `, some ${etaSeconds} s to go`;
  const sentence = `Batch ${id} is ${status}: of ${total} URLs ${finished} are finished, ${failed} failed, ${cancelled} cancelled${eta}.`;
  const { throughput: _minutes, ...object } = batch;
  return {
    content: [
      { type: 'text', text: sentence },
      { type: 'text', text: JSON.stringify(object) },
    ],
  };
}
