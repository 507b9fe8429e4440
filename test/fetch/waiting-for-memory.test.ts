import { startOrigin } from '../support/origin';
import { waitFor } from '../support/wait-for';
import { fetchOnce, openFetcher, pageOf, requestOf } from './fetch-fixture';

const MEGABYTE = 1024 * 1024;

/** All memory is taken by two pages that are not released; whatever else arrives has to wait. */
async function fullFetcher(url: string) {
  const fetcher = openFetcher({ maxBodyBytes: MEGABYTE, byteBudgetBytes: 2 * MEGABYTE });
  const pages = [pageOf(await fetchOnce(fetcher, url)), pageOf(await fetchOnce(fetcher, url))];
  expect(fetcher.bytesInFlight).toBe(2 * MEGABYTE);
  return { fetcher, releaseAll: () => pages.forEach((page) => page.release()) };
}

test('a page that waits for memory can be cancelled', async () => {
  const origin = await startOrigin((_req, res) => res.end(Buffer.alloc(MEGABYTE)));
  const { fetcher, releaseAll } = await fullFetcher(origin.url);
  const controller = new AbortController();
  const attempt = fetcher.fetchPage(requestOf(origin.url), { attempt: 1, signal: controller.signal });
  await waitFor(() => origin.requests.length === 3);
  controller.abort(new Error('enough'));
  await expect(attempt).rejects.toThrow('enough');
  expect(fetcher).toMatchObject({ bytesInFlight: 2 * MEGABYTE, inFlight: 0, hostsInFlight: 0 });
  releaseAll();
  expect(fetcher.bytesInFlight).toBe(0);
});

test('a connection that breaks meanwhile is an outcome, and nothing stays taken', async () => {
  let reset = (): void => undefined;
  const origin = await startOrigin((req, res) => {
    if (req.url !== '/breaks') return void res.end(Buffer.alloc(MEGABYTE));
    res.setHeader('content-length', MEGABYTE);
    res.write(Buffer.alloc(MEGABYTE / 2));
    reset = () => res.socket?.resetAndDestroy();
  });
  const { fetcher, releaseAll } = await fullFetcher(origin.url);
  const attempt = fetchOnce(fetcher, `${origin.url}/breaks`);
  await waitFor(() => origin.requests.length === 3);
  reset();
  releaseAll();
  expect(await attempt).toMatchObject({ kind: 'unreachable' });
  expect(fetcher).toMatchObject({ bytesInFlight: 0, inFlight: 0, hostsInFlight: 0 });
});
