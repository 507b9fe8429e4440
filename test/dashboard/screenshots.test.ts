import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { describeWithBrowser } from '../fetch/browser/browser-fixture';
import { TEST_KEY } from '../support/test-service';
import { waitFor } from '../support/wait-for';
import { goTo, openDashboard, settled, signIn } from './dashboard-fixture';
import type { Dashboard } from './dashboard-fixture';
import { openWorld } from './world';
import type { World } from './world';

const FOLDER = resolve(__dirname, '..', '..', 'docs', 'images');
const DESKTOP = { viewport: { width: 1_280, height: 860 } };
const LOOKS = {
  light: { ...DESKTOP, colorScheme: 'light' },
  dark: { ...DESKTOP, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, colorScheme: 'light' },
} as const;

/** Minutes of work that the plots show. */
const MINUTES = 6;
const PER_SECOND = 8;

/** Pictures of the documentation: `UPDATE_SCREENSHOTS=1 npx jest test/dashboard/screenshots`. Otherwise nothing runs. */
const describeOnRequest = process.env['UPDATE_SCREENSHOTS'] === '1' ? describeWithBrowser : describe.skip;

describeOnRequest('screenshots', () => {
  let dashboard: Dashboard;
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
    dashboard = await openDashboard({
      ALLOW_PRIVATE_TARGETS: '127.0.0.0/8',
      ATTEMPT_TIMEOUT_SEC: '3',
      HOST_LIMITS: `127.0.0.1=${PER_SECOND}/s`,
      TEMPORAL_UI_URL: 'http://127.0.0.1:8233',
    });
  });
  afterAll(async () => {
    await dashboard.close();
    await world.close();
  });

  test(
    'of overview, batch and job, as the demo’s shop is fetched',
    async () => {
      await mkdir(FOLDER, { recursive: true });
      const call = async (method: string, path: string, body?: unknown) =>
        (await dashboard.service.call(method, path, body, { 'x-api-key': TEST_KEY })).body;
      const products = (from: number, count: number) =>
        Array.from({ length: count }, (_, place) => world.shop.productUrl(from + place));
      const articles = Array.from({ length: 9 }, (_, place) => `${world.toll.url}/article/${place + 1}`);
      await call('POST', '/batches', { urls: products(1, 180), name: 'Lamps and kettles', tags: ['prices'] });
      const spring = await call('POST', '/batches', {
        urls: [...articles, ...products(1_001, PER_SECOND * 60 * MINUTES + 600)],
        name: 'Spring catalogue',
        tags: ['shop', 'prices'],
      });
      await call('POST', '/batches', { urls: products(9_001, 400), name: 'New arrivals', tags: ['shop'] });
      await waitFor(
        async () => (await call('GET', `/batches/${spring.id}`)).counts.finished > PER_SECOND * 50 * MINUTES,
        {
          timeoutMs: MINUTES * 3 * 60_000,
          intervalMs: 5_000,
        },
      );
      const job = await waitFor(async () => {
        const { items } = await call('GET', `/batches/${spring.id}/jobs?status=finished&limit=1000`);
        return items.find(({ attempts }: { attempts: number }) => attempts > 2);
      });
      for (const [look, options] of Object.entries(LOOKS)) {
        const page = await dashboard.newPage(options);
        await signIn(page, dashboard.url, TEST_KEY);
        await shoot(page, `dashboard-overview-${look}`, '#/');
        await shoot(page, `dashboard-batch-${look}`, `#/batches/${spring.id}`);
        await shoot(page, `dashboard-job-${look}`, `#/jobs/${job.id}`);
        await page.context().close();
      }
    },
    MINUTES * 4 * 60_000,
  );
});

async function shoot(page: Page, name: string, hash: string): Promise<void> {
  await goTo(page, hash);
  await settled(page);
  await page.screenshot({ path: join(FOLDER, `${name}.png`) });
}
