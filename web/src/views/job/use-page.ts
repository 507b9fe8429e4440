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
    const { response }: JobObject = await client.job(jobId, { signal });
    const type = (response?.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
    if (typeof response?.body === 'string') return { type, text: response.body, blob: undefined };
    const body = await client.body(jobId, { signal });
    if (response?.base64EncodedBody === undefined) return { type, text: indented(await body.text()), blob: undefined };
    return { type, text: undefined, blob: new Blob([await body.arrayBuffer()], { type }) };
  });
}

/** Numbers of so many digits change when they are parsed. */
const LONG_NUMBER = /\d{16}/;

/** JSON with a line for each value. It stays as it came when it is none, or would not stay the same. */
function indented(json: string): string {
  if (LONG_NUMBER.test(json)) return json;
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
