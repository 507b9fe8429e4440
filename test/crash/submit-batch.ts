import type { BatchUnderTest } from './check-batch';
import type { Deployment } from './deployments';

/** @throws unless the batch is accepted with one job per URL, in order */
export async function submitBatch(
  deployment: Pick<Deployment, 'call'>,
  urls: readonly string[],
  callbackUrl?: string,
): Promise<BatchUnderTest> {
  const { status, headers, body } = await deployment.call('POST', '/batchjobs', {
    urls,
    ...(callbackUrl !== undefined && { callback: { type: 'webhook', url: callbackUrl } }),
  });
  if (status !== 200) throw new Error(`the batch was answered with ${status}: ${JSON.stringify(body)}`);
  const jobs = body as readonly { readonly id: string; readonly url: string }[];
  if (JSON.stringify(jobs.map(({ url }) => url)) !== JSON.stringify(urls))
    throw new Error('the answer does not have one job per URL, in order');
  return { id: headers.get('x-batch-id') ?? '', jobIds: jobs.map(({ id }) => id) };
}
