/** Where the screenshot of a job is served. @param publicUrl address of the API, without a slash at its end */
export const screenshotUrl = (publicUrl: string, jobId: string): string => `${publicUrl}/jobs/${jobId}/screenshot`;
