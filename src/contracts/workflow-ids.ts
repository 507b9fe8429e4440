/** Workflow ids follow from the row, so starting twice is harmless and every page of the Web UI can be found by hand. */
export const jobWorkflowId = (jobId: string): string => `job/${jobId}`;
export const batchWorkflowId = (batchId: string): string => `batch/${batchId}`;
export const chunkWorkflowId = (batchId: string, chunk: number): string => `batch/${batchId}/chunk/${chunk}`;
export const partWorkflowId = (batchId: string, chunk: number, fromPlace: number): string =>
  `${chunkWorkflowId(batchId, chunk)}/from/${fromPlace}`;
export const webhookWorkflowId = (endpointId: string): string => `webhook/${endpointId}`;
