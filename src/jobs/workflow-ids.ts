/**
 * Workflow ids follow from the id of the row, so that starting a workflow twice is harmless and its page in the Web UI can be found
 * by hand.
 */
export const jobWorkflowId = (jobId: string): string => `job/${jobId}`;
export const batchWorkflowId = (batchId: string): string => `batch/${batchId}`;
export const chunkWorkflowId = (batchId: string, chunk: number): string => `batch/${batchId}/chunk/${chunk}`;
export const partWorkflowId = (batchId: string, chunk: number, fromPlace: number): string =>
  `${chunkWorkflowId(batchId, chunk)}/from/${fromPlace}`;
export const webhookWorkflowId = (endpointId: string): string => `webhook/${endpointId}`;

/** Job, batch or part of a batch that a workflow works on, as told by its id. */
export type WorkflowSubject =
  | { readonly kind: 'job'; readonly jobId: string }
  | { readonly kind: 'batch'; readonly batchId: string }
  | { readonly kind: 'chunk'; readonly batchId: string; readonly chunk: number }
  | { readonly kind: 'part'; readonly batchId: string; readonly chunk: number; readonly fromPlace: number };

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const JOB = new RegExp(`^job/(${UUID})$`);
const BATCH = new RegExp(`^batch/(${UUID})(?:/chunk/(\\d{1,3})(?:/from/(\\d{1,3}))?)?$`);

/** Reads a workflow id back. Returns undefined for ids of receivers and for ids that a Temporal client chose freely. */
export function subjectOf(workflowId: string): WorkflowSubject | undefined {
  const jobId = JOB.exec(workflowId)?.[1];
  if (jobId !== undefined) return { kind: 'job', jobId };
  const [, batchId, chunk, fromPlace] = BATCH.exec(workflowId) ?? [];
  if (batchId === undefined) return undefined;
  if (chunk === undefined) return { kind: 'batch', batchId };
  if (fromPlace === undefined) return { kind: 'chunk', batchId, chunk: Number(chunk) };
  return { kind: 'part', batchId, chunk: Number(chunk), fromPlace: Number(fromPlace) };
}
