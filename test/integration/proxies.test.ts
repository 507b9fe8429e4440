import { startConnectProxy } from '../support/connect-proxy';
import { startOrigin } from '../support/origin';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

const CREDENTIALS = 'customer:s3cret-of-the-proxy';

async function finished(service: TestService, body: Record<string, unknown>) {
  const answer = await service.call('POST', '/jobs', { apiKey: TEST_KEY, ...body });
  expect(answer).toMatchObject({ status: 200 });
  return waitFor(async () => {
    const job = (await service.call('GET', `/jobs/${answer.body.id}`)).body;
    return job.status === 'finished' ? job : undefined;
  });
}

test('parameters choose the pool, a block the next proxy, and no password is kept anywhere', async () => {
  const proxies = await Promise.all(Array.from({ length: 3 }, () => startConnectProxy({ credentials: CREDENTIALS })));
  const [first, second, premium] = proxies;
  const urls = proxies.map(({ port }) => `http://${CREDENTIALS}@127.0.0.1:${port}`);
  const list = [urls[0], urls[1], `${urls[2]} tier=premium country=de`].join('\n');
  const service = await startTestService({ env: { PROXIES: list, BROWSER: 'off' } });
  try {
    let isBlocking = false;
    const origin = await startOrigin((_req, res) => {
      if (isBlocking) res.writeHead(403, { 'cf-mitigated': 'challenge' });
      isBlocking = false;
      res.end('page');
    });

    await finished(service, { url: `${origin.url}/ordinary` });
    expect((first?.targets.length ?? 0) + (second?.targets.length ?? 0)).toBe(1);
    expect(premium?.targets).toEqual([]);

    const { credits } = await finished(service, { url: `${origin.url}/p`, apiParams: { premium: true } });
    expect([credits, premium?.targets.length]).toEqual([10, 1]);

    isBlocking = true;
    const { attempts } = await finished(service, { url: `${origin.url}/blocked` });
    expect(attempts).toBe(2);
    // Whichever was blocked, the other one brought the page.
    expect([first, second].map((proxy) => (proxy?.targets.length ?? 0) > 0)).toEqual([true, true]);

    const refused = await service.call('POST', '/jobs', {
      ...{ apiKey: TEST_KEY, url: origin.url, apiParams: { country_code: 'fr' } },
    });
    expect(refused).toMatchObject({ status: 400, body: { code: 'feature_not_configured' } });

    const rows = JSON.stringify([
      await service.db.database.query('select * from jobs'),
      await service.db.database.query('select * from workers'),
    ]);
    const histories = [];
    for await (const { workflowId } of service.client.workflow.list({
      query: `TaskQueue = '${service.queuePrefix}-jobs'`,
    }))
      histories.push(await service.client.workflow.getHandle(workflowId).fetchHistory());
    expect(rows + JSON.stringify(histories)).not.toContain('s3cret');
  } finally {
    await service.stop();
  }
});
