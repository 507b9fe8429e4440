import { useQuery } from '../../data/use-query';
import { Loaded } from '../../parts/states';
import { useClient } from '../../session/use-client';
import { Picture } from './picture';

/** The picture that the browser took of a page. */
export function Screenshot({ id }: { readonly id: string }) {
  const client = useClient();
  const query = useQuery(`screenshot of ${id}`, async (signal) =>
    (await client.request('GET', `/jobs/${id}/screenshot`, { signal })).blob(),
  );
  return <Loaded query={query}>{(blob) => <Picture blob={blob} alt="The page as the browser showed it" />}</Loaded>;
}
