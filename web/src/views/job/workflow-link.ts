import { batchOf } from '../../format/job-ids';

export interface TemporalUi {
  readonly url: string;
  readonly namespace: string;
}

const workflowsOf = ({ url, namespace }: TemporalUi): string =>
  `${url.replace(/\/$/, '')}/namespaces/${encodeURIComponent(namespace)}/workflows`;

/**
 * Where Temporal's Web UI shows the workflow of a job. Most URLs of a batch have none of their own, so of those it is the list of the
 * workflows that work on the batch.
 */
export function jobWorkflowLink(ui: TemporalUi, jobId: string): string {
  const batchId = batchOf(jobId);
  if (batchId === undefined) return `${workflowsOf(ui)}/${encodeURIComponent(`job/${jobId}`)}`;
  const query = `\`WorkflowId\` = "job/${jobId}" OR \`WorkflowId\` STARTS_WITH "batch/${batchId}"`;
  return `${workflowsOf(ui)}?query=${encodeURIComponent(query)}`;
}
