/** Links to the dashboard in Markdown, as Temporal's Web UI shows the details of a workflow. */
const batchLink = (publicUrl: string, batchId: string): string => `[the batch](${publicUrl}/#/batches/${batchId})`;

export const batchDetails = (publicUrl: string, batchId: string): string =>
  `In the dashboard: ${batchLink(publicUrl, batchId)}`;

/** @param batchId batch that the job belongs to */
export const jobDetails = (publicUrl: string, jobId: string, batchId?: string): string =>
  `In the dashboard: [the job](${publicUrl}/#/jobs/${jobId})` +
  (batchId === undefined ? '' : `, ${batchLink(publicUrl, batchId)}`);
