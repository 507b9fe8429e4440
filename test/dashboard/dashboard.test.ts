import { describeWithBrowser } from '../fetch/browser/browser-fixture';
import { TEST_KEY } from '../support/test-service';
import { waitFor } from '../support/wait-for';
import { problemsOf } from './audit';
import { goTo, openDashboard, settled, signIn } from './dashboard-fixture';
import type { Dashboard } from './dashboard-fixture';
import { openWorld } from './world';
import type { World } from './world';

/** With so little time a 402 is confirmed after two seconds instead of a minute. */
const SOON = { timeoutSec: 25 };
const EXPIRED_ID = '0199b6c8-7d10-7abc-8def-012345670000';

describeWithBrowser('the dashboard', () => {
  let dashboard: Dashboard;
  let world: World;
  beforeAll(async () => {
    [dashboard, world] = await Promise.all([
      openDashboard({
        ALLOW_PRIVATE_TARGETS: '127.0.0.0/8',
        ATTEMPT_TIMEOUT_SEC: '2',
        TEMPORAL_UI_URL: 'http://127.0.0.1:8233',
      }),
      openWorld(),
    ]);
  });
  afterAll(async () => {
    await dashboard.close();
    await world.close();
  });

  const asKey = (key = TEST_KEY) => ({ 'x-api-key': key });
  const submitJob = async (body: Record<string, unknown>): Promise<string> => {
    const { body: job } = await dashboard.service.call('POST', '/jobs', body, asKey());
    return job.id as string;
  };
  const submitBatch = async (body: Record<string, unknown>): Promise<string> => {
    const { body: batch } = await dashboard.service.call('POST', '/batches', body, asKey());
    return batch.id as string;
  };
  const ended = (path: string) =>
    waitFor(
      async () => {
        const { body } = await dashboard.service.call('GET', path, undefined, asKey());
        return body.status === 'running' ? undefined : body;
      },
      { message: `the end of ${path}` },
    );
  const text = (pattern: string | RegExp) => dashboard.page.getByText(pattern).first().waitFor();
  const button = (name: string | RegExp) => dashboard.page.getByRole('button', { name });
  const status = (name: string) => dashboard.page.locator('.page-title').getByText(name, { exact: true }).waitFor();

  test('URLs that are pasted become a batch that is watched to its end', async () => {
    const { page, go } = dashboard;
    await go('#/submit');
    const urls = Array.from({ length: 40 }, (_, place) => world.shop.productUrl(place + 1));
    await page.getByLabel('One URL per line').fill(urls.join('\n'));
    await page.getByLabel('Name').fill('Spring catalogue');
    await page.getByLabel('Tags').fill('shop, prices');
    await button('Submit 40 URLs').click();
    await page.getByRole('heading', { name: 'Spring catalogue' }).waitFor();
    await text('Done. Every URL has brought its page.');
    await status('finished');
  });

  test('a job that failed says why, attempt by attempt', async () => {
    const id = await submitJob({ url: `${world.toll.url}/article`, ...SOON });
    await ended(`/jobs/${id}`);
    const { page, go } = dashboard;
    await go(`#/jobs/${id}`);
    await status('failed');
    await text('payment required');
    const attempts = page.locator('.timeline li');
    expect(await attempts.count()).toBe(2);
    expect(await attempts.first().innerText()).toMatch(
      /Refused[\s\S]*402[\s\S]*plain HTTP[\s\S]*Next:[\s\S]*second attempt/,
    );
  });

  test('exactly the URLs of one group of failures are tried again', async () => {
    const [toll, forbidden] = [3, 2].map((urls, place) =>
      Array.from({ length: urls }, (_, n) => `${place === 0 ? world.toll.url : 'http://10.0.0.1'}/${n}`),
    );
    const urls = [...(toll ?? []), ...(forbidden ?? [])];
    const id = await submitBatch({ urls, name: 'Two kinds of trouble', ...SOON });
    await ended(`/batches/${id}`);
    world.toll.isOpen = true;
    await dashboard.go(`#/batches/${id}?tab=failures`);
    await button(/Retry the 3 URLs of 127\.0\.0\.2/).click();
    await button('Retry 3 URLs').click();
    await text(/2 of 5 URLs have failed/);
    const { body } = await dashboard.service.call('GET', `/batches/${id}`, undefined, asKey());
    expect(body.counts).toMatchObject({ finished: 3, failed: 2 });
    world.toll.isOpen = false;
  });

  test('a job that runs counts down to its next attempt, and can be cancelled and forgotten', async () => {
    const id = await submitJob({ url: `${world.wall.url}/` });
    const { page, go } = dashboard;
    await go(`#/jobs/${id}`);
    await text(/Next attempt in/);
    const workflow = page.getByRole('link', { name: 'Workflow' });
    expect(await workflow.getAttribute('href')).toBe(
      `http://127.0.0.1:8233/namespaces/default/workflows/${encodeURIComponent(`job/${id}`)}`,
    );
    await button('Cancel').click();
    await status('cancelled');
    await button('Forget …').click();
    await button('Forget it').click();
    await page.getByRole('heading', { name: 'Jobs', exact: true }).waitFor();
    await go(`#/jobs/${id}`);
    await page.getByRole('heading', { name: 'This job has expired' }).waitFor();
  });

  test('a callback is made again, and a receiver that is down shows what it answers', async () => {
    const { receiver } = world;
    const id = await submitJob({
      url: world.shop.productUrl(2),
      callback: { type: 'webhook', url: `${receiver.url}/hook` },
    });
    await ended(`/jobs/${id}`);
    const { page, go } = dashboard;
    await go(`#/jobs/${id}`);
    await page.getByRole('link', { name: 'job.finished' }).click();
    await status('delivered');
    receiver.isUp = false;
    await button('Replay').click();
    await text('closed for today');
    await status('pending');
    receiver.isUp = true;
    expect(new Set(receiver.ids).size).toBe(1);
    await page.getByRole('link', { name: /^All of/ }).click();
    await text('job.finished');
    await button('Test call …').click();
    await page.getByLabel('URL of the receiver').fill(`${receiver.url}/test`);
    await button('Call it').click();
    await status('delivered');
  });

  test('a fetched page is shown without anything of it being run or loaded', async () => {
    const id = await submitJob({ url: `${world.trap.url}/` });
    await ended(`/jobs/${id}`);
    const { page, go } = dashboard;
    await go(`#/jobs/${id}`);
    const frame = page.frameLocator('iframe[title="The fetched page"]');
    await frame.getByText('Very ordinary page').waitFor();
    const paragraph = frame.getByText('Some text');
    expect(await paragraph.boundingBox()).toMatchObject({ width: 123, height: 45 }); // as its styles say
    expect(await frame.locator('script, iframe, [onclick], [href^=http]').count()).toBe(0);
    expect(world.trap.asked).toEqual(['/']);
    await page.getByRole('tab', { name: 'Source' }).click();
    await page.getByText("document.title = 'it ran'").waitFor();
    await page.getByRole('tab', { name: 'Headers' }).click();
    await page.getByText('sa-final-url').waitFor();
  });

  test('an admin makes a key that is shown once, and its owner sees only what he may use', async () => {
    const { page, go, newPage, url } = dashboard;
    await go('#/keys');
    await button('New key …').click();
    await page.getByLabel('Name').fill('reports');
    await page.getByLabel('Credits in all').fill('500');
    await button('Make it').click();
    const key = (await page.locator('dialog code').innerText()).trim();
    await button('I have it').click();
    await page
      .getByRole('row', { name: /reports/ })
      .getByText('0 of 500')
      .waitFor();
    const other = await newPage();
    await signIn(other, url, key);
    await goTo(other, '#/keys');
    await other.getByText('Only an admin key sees and manages all keys').waitFor();
    await other.getByText('of 500').waitFor();
    await button('Revoke reports').click();
    await button('Revoke it').click();
    await text('is revoked.');
    await goTo(other, '#/jobs').catch(() => undefined); // it asks now instead of some seconds later
    await other.getByText('The service does not accept this API key any more').waitFor();
    await other.context().close();
  });

  test('a key that is not known gets nowhere', async () => {
    const page = await dashboard.newPage();
    await signIn(page, dashboard.url, 'no-such-key');
    await page.getByText('The service does not know this API key.').waitFor();
    expect(await problemsOf(page)).toEqual([]);
    await page.context().close();
  });

  test('when the service is away it says so, and goes on by itself', async () => {
    const { page, go, setAway } = dashboard;
    await go('#/');
    setAway(true);
    await text('Connection lost, retrying.');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    setAway(false);
    await page.getByText('Connection lost, retrying.').waitFor({ state: 'detached' });
  });

  test('everything can be reached with the keyboard alone', async () => {
    const page = await dashboard.newPage();
    await page.goto(`${dashboard.url}/`);
    const press = async (key: string, times = 1) => {
      for (let time = 0; time < times; time += 1) await page.keyboard.press(key);
    };
    const tabTo = (name: string) =>
      waitFor(async () => {
        await press('Tab');
        return (await focused(page)).includes(name);
      });
    await tabTo('API key');
    await page.keyboard.type(TEST_KEY);
    await press('Enter');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await tabTo('Skip to content');
    await press('Enter');
    expect(await focused(page)).toBe('Overview');
    await tabTo('Spring catalogue');
    await press('Enter');
    await settled(page);
    expect(await focused(page)).toBe('Spring catalogue');
    await tabTo('Delete …');
    await press('Enter');
    await page.getByRole('dialog').waitFor();
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await focused(page)).toContain('Delete …');
    await tabTo('Progress');
    await press('ArrowRight', 2);
    await page.getByRole('tabpanel', { name: /URLs/ }).waitFor();
    await page.context().close();
  });

  test.each([
    ['overview', () => '#/'],
    ['batches', () => '#/batches'],
    ['the form', () => '#/submit'],
    ['a batch', () => firstOf('/batches?q=Two', (id) => `#/batches/${id}`)],
    ['failures of a batch', () => firstOf('/batches?q=Two', (id) => `#/batches/${id}?tab=failures`)],
    ['URLs of a batch', () => firstOf('/batches?q=Spring', (id) => `#/batches/${id}?tab=urls`)],
    ['attempts of a batch', () => firstOf('/batches?q=Spring', (id) => `#/batches/${id}?tab=attempts`)],
    ['jobs', () => '#/jobs'],
    ['a finished job', () => firstOf('/jobs?status=finished', (id) => `#/jobs/${id}`)],
    ['a failed job', () => firstOf('/jobs?status=failed&host=127.0.0.2', (id) => `#/jobs/${id}`)],
    ['a running job', () => submitJob({ url: `${world.tired.url}/` }).then((id) => `#/jobs/${id}`)],
    ['an expired job', () => `#/jobs/${EXPIRED_ID}`],
    ['deliveries', () => '#/deliveries'],
    ['a delivery', () => firstOf('/webhooks/deliveries', (id) => `#/deliveries/${id}`)],
    ['receivers', () => '#/receivers'],
    ['a receiver', () => firstOf('/webhooks/receivers', (id) => `#/receivers/${id}`)],
    ['hosts', () => '#/hosts'],
    ['a host that rests', () => '#/hosts/127.0.0.4'],
    ['keys', () => '#/keys'],
    ['usage', () => '#/usage'],
    ['a place that is none', () => '#/nowhere'],
  ])('%s: no barrier in light and dark, and no wider than a phone', async (_name, hashOf) => {
    await dashboard.go(await hashOf());
    expect(await problemsOf(dashboard.page)).toEqual([]);
  });

  const firstOf = async (path: string, hashOf: (id: string) => string): Promise<string> => {
    const { body } = await dashboard.service.call('GET', path, undefined, asKey());
    return hashOf(body.items[0].id as string);
  };

  test('a batch of 50,000 URLs is paged through', async () => {
    const lines = Array.from({ length: 50_000 }, (_, n) => JSON.stringify({ url: `${world.shop.productUrl(3)}?${n}` }));
    const headers = { ...asKey(), 'content-type': 'application/x-ndjson' };
    // It pauses behind the first page, because nothing more is to be fetched here.
    const path = '/batches?name=Large&maxCredits=1';
    const { body: batch } = await dashboard.service.call('POST', path, lines.join('\n'), headers);
    const { page, go } = dashboard;
    await go(`#/batches/${batch.id}?tab=urls`);
    await text(/\?0$/);
    await page.getByRole('link', { name: 'Next page' }).click();
    await text(/\?50$/);
    await page.goBack();
    await text(/\?0$/);
  });

  test('nothing broke the policy, nothing was asked of another origin, and no script failed', () => {
    expect(dashboard.complaints).toEqual([]);
  });
});

/** Label or text of the element that has the focus. */
const focused = (page: Dashboard['page']): Promise<string> =>
  page.evaluate<string>(`(() => {
    const element = document.activeElement;
    return element.labels?.[0]?.innerText ?? element.getAttribute('aria-label') ?? element.innerText ?? '';
  })()`);
