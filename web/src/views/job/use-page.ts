import { ask } from '../../api/ask';
import type { JobObject } from '../../api/types';
import { useQuery } from '../../data/use-query';
import type { Query } from '../../data/use-query';
import { useClient } from '../../session/use-client';

/** The page of a job, as far as it can be shown. */
export interface ShownPage {
  /** Media type in lower case, without parameters; empty when the target named none. */
  readonly type: string;
  /** The page as text; undefined when it is none. A page that is JSON is indented. */
  readonly text: string | undefined;
  /** The page itself; undefined when it is text. */
  readonly blob: Blob | undefined;
}

/** The page of a job that has finished. A finished job never changes, so it is asked for once. */
export function usePage(jobId: string): Query<ShownPage> {
  const client = useClient();
  return useQuery(`page of ${jobId}`, async (signal) => {
    const { response } = await ask<JobObject>(client, 'GET', `/jobs/${jobId}`, { signal });
    const type = (response?.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
    if (response?.base64EncodedBody === undefined) return { type, text: textOf(response?.body), blob: undefined };
    const bytes = await (await client.request('GET', `/jobs/${jobId}/body`, { signal })).arrayBuffer();
    return { type, text: undefined, blob: new Blob([bytes], { type }) };
  });
}

const textOf = (body: unknown): string =>
  typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body, null, 2);
