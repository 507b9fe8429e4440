import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { shopBehaviour } from '../../src/demo/shop-behaviour';
import { describeWithBrowser } from '../fetch/browser/browser-fixture';
import { TEST_KEY } from '../support/test-service';
import { waitFor } from '../support/wait-for';
import { goTo, openDashboard, signIn } from './dashboard-fixture';
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
/** So that plots with a bar per minute have something to show, a batch is fetched for some minutes. */
const PACE_PER_SECOND = 4;
const MINUTES = 7;
const URLS = 3_600;

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
      HOST_LIMITS: `127.0.0.1=${PACE_PER_SECOND}/s`,
      TEMPORAL_UI_URL: 'http://127.0.0.1:8233',
    });
  });
  afterAll(async () => {
    await dashboard.close();
    await world.close();
  });

  test(
    'of overview, batch and job, while the shop of the demo is fetched',
    async () => {
      await mkdir(FOLDER, { recursive: true });
      const call = async (method: string, path: string, body?: unknown) =>
        (await dashboard.service.call(method, path, body, { 'x-api-key': TEST_KEY })).body;
      const products = (from: number, count: number) =>
        Array.from({ length: count }, (_, place) => world.shop.productUrl(from + place));
      const articles = Array.from({ length: 9 }, (_, place) => `${world.toll.url}/article/${place + 1}`);

      const lamps = await call('POST', '/batches', {
        urls: products(1, 240),
        name: 'Lamps and kettles',
        tags: ['prices'],
      });
      await waitFor(async () => (await call('GET', `/batches/${lamps.id}`)).status === 'finished', {
        timeoutMs: 180_000,
      });
      await spreadOver(dashboard, lamps.id, { minutes: 14, untilMinutes: 20 });
      const spring = await call('POST', '/batches', {
        ...{ urls: [...articles, ...products(1_001, URLS)], name: 'Spring catalogue', tags: ['shop', 'prices'] },
        timeoutSec: 3_600,
      });
      const shown = PACE_PER_SECOND * 60 * MINUTES;
      await waitFor(async () => (await call('GET', `/batches/${spring.id}`)).counts.finished > shown, {
        ...{ timeoutMs: 2 * MINUTES * 60_000, intervalMs: 5_000 },
      });
      await call('POST', '/batches', { urls: products(9_001, 400), name: 'New arrivals', tags: ['shop'] });
      const { items } = await call('GET', `/batches/${spring.id}/jobs?status=finished&limit=1000`);
      const job = items.find(({ url, attempts }: { url: string; attempts: number }) => {
        const visit = shopBehaviour(Number(url.split('/').at(-1)), 1);
        return attempts > 2 && visit.kind === 'challenge';
      });
      for (const [look, options] of Object.entries(LOOKS)) {
        const page = await dashboard.newPage(options);
        await nameHosts(page, world);
        await signIn(page, dashboard.url, TEST_KEY);
        const shoot = async (name: string, hash: string): Promise<void> => {
          await goTo(page, hash);
          await page.screenshot({ path: join(FOLDER, `dashboard-${name}-${look}.png`) });
        };
        await shoot('overview', '#/');
        await shoot('batch', `#/batches/${spring.id}`);
        await shoot('job', `#/jobs/${job.id}`);
        await page.context().close();
      }
    },
    3 * MINUTES * 60_000,
  );
});

/** Lets what a batch did within a minute or two look as if it had taken longer, because plots have a bar per minute. */
async function spreadOver(
  { service }: Dashboard,
  batchId: string,
  { minutes, untilMinutes }: { readonly minutes: number; readonly untilMinutes: number },
): Promise<void> {
  const { database } = service.db;
  const range = [batchId, minutes, untilMinutes];
  await database.query(
    `update batches set created_at = now() - make_interval(mins => $2::int + $3::int),
       ended_at = case when ended_at is not null then now() - make_interval(mins => $3::int) end where id = $1`,
    range,
  );
  await database.query(
    `with done as (delete from batch_minutes where batch_id = $1 returning finished, failed),
          sums as (select sum(finished) / $2::int as finished, sum(failed) / $2::int as failed from done)
     insert into batch_minutes (batch_id, minute, finished, failed)
     select $1, date_trunc('minute', now()) - make_interval(mins => n + $3::int),
       round(finished * (1 + 0.16 * sin(n * 1.7) + 0.08 * sin(n * 4.1)))::int, ceil(failed * (1 + sin(n * 2.3)))::int
     from sums, generate_series(1, $2::int) as n on conflict do nothing`,
    range,
  );
}

/** Gives the sites on loopback the names that sites have, in all that the service answers. */
async function nameHosts(page: Page, { shop, toll }: World): Promise<void> {
  const names = [
    [shop.origin, 'https://shop.example'],
    [toll.url, 'https://paper.example'],
    ['127.0.0.1(?!:)', 'shop.example'],
    ['127.0.0.2(?!:)', 'paper.example'],
  ];
  await page.addInitScript(`{
    const ask = window.fetch;
    const named = (text) => ${JSON.stringify(names)}.reduce((done, [from, to]) => done.replace(new RegExp(from, 'g'), to), text);
    window.fetch = async (...args) => {
      const answer = await ask(...args);
      if (!/json|event-stream/.test(answer.headers.get('content-type'))) return answer;
      const texts = new TransformStream({ transform: (text, to) => to.enqueue(named(text)) });
      const body = answer.body.pipeThrough(new TextDecoderStream()).pipeThrough(texts).pipeThrough(new TextEncoderStream());
      return new Response(body, answer);
    };
  }`);
}
