import { createEgressProxy } from '../../../src/fetch/egress/egress-proxy';
import { createGuard } from '../../../src/net/guard';
import { waitFor } from '../../support/wait-for';
import { closeEngines, openEngine, send, startTlsOrigin, textOf } from './impersonate-fixture';

afterAll(closeEngines);

test('idle connections to many sites keep no other site out, and a site whose connection made room is reached again', async () => {
  const egress = await createEgressProxy({ guard: createGuard(['127.0.0.1']), maxConnections: 3 });
  const engine = await openEngine({ egress, ignoreTlsErrors: true });
  const origins = await Promise.all(Array.from({ length: 8 }, () => startTlsOrigin((_req, res) => res.end('ok'))));
  const open = () => origins.reduce((sum, origin) => sum + origin.open, 0);
  for (let round = 0; round < 2; round += 1) {
    for (const origin of origins) expect(await textOf((await send(engine, origin.url)).body)).toBe('ok');
  }
  expect(origins.map(({ connections }) => connections)).toEqual(Array(8).fill(2));
  await waitFor(() => open() === 3); // All are kept and idle.
  await egress.close();
});
