import { replayDelivery } from '../../src/store/replay-deliveries';
import { startOrigin } from '../support/origin';
import { createReceiver } from '../support/receiver';
import { waitFor } from '../support/wait-for';
import { openShifts } from './shift-fixture';

let shifts: Awaited<ReturnType<typeof openShifts>>;
beforeAll(async () => {
  shifts = await openShifts();
});
afterAll(() => shifts.close());

/** A call that failed is made again after 5 s, give or take a fifth. */
const FIRST_WAIT_MS = 4_000;

const idsOf = (calls: readonly { readonly body: { readonly id: string } }[]) => calls.map(({ body }) => body.id);
const webhookIdsOf = (calls: readonly { readonly headers: object }[]) =>
  calls.map(({ headers }) => (headers as Record<string, string>)['webhook-id']);

/** Measures how far calls arrived out of their order. */
function disorder(ids: readonly string[], expected: readonly string[]): number {
  const place = new Map(expected.map((id, index) => [id, index]));
  return Math.max(...ids.map((id, index) => Math.abs((place.get(id) ?? Infinity) - index)));
}

test('a healthy receiver gets every call once, in the order of the ends up to the calls that are made at the same time', async () => {
  const receiver = await createReceiver();
  const ids = await shifts.tell(receiver.url, 700);
  expect(await shifts.work(receiver.url, { callsPerReceiver: 8 })).toBeUndefined();
  expect(new Set(idsOf(receiver.calls))).toEqual(new Set(ids));
  expect(receiver.calls).toHaveLength(700);
  expect(disorder(idsOf(receiver.calls).slice(0, 200), ids)).toBeLessThanOrEqual(500); // those of one commit have one time
  expect(await shifts.counts(receiver.url)).toEqual({ delivered: 700 });
});

test('what comes while it works goes out in the same shift', async () => {
  const receiver = await createReceiver();
  await shifts.tell(receiver.url, 1);
  const working = shifts.work(receiver.url);
  await waitFor(() => receiver.calls.length === 1);
  await shifts.tell(receiver.url, 1);
  await waitFor(() => receiver.calls.length === 2);
  expect(await working).toBeUndefined();
});

test('a receiver that is down is left alone, and gets everything with the same ids when it is back, what failed first', async () => {
  let isDown = true;
  const receiver = await createReceiver(() => (isDown ? 503 : 200));
  const ids = await shifts.tell(receiver.url, 300);
  const startedAtMs = Date.now();
  const next = await shifts.work(receiver.url);
  const whileDown = receiver.calls.length;
  expect(whileDown).toBeLessThanOrEqual(8);
  expect(next?.getTime()).toBeGreaterThan(startedAtMs + FIRST_WAIT_MS);
  const [troubled] = await shifts.troubledUrls(receiver.url);
  expect(troubled).toMatchObject({ health: { failures: 3 } });
  expect(troubled?.health.nextCallAt.getTime()).toBeGreaterThan(startedAtMs + FIRST_WAIT_MS);
  expect((await shifts.shown(receiver.url))?.urls).toMatchObject([{ url: receiver.url, state: 'refusing' }]);

  await shifts.probeNow(receiver.url);
  await shifts.work(receiver.url);
  expect(receiver.calls).toHaveLength(whileDown + 1); // one probe, and a longer pause
  expect(await shifts.troubledUrls(receiver.url)).toMatchObject([{ health: { failures: 4 } }]);

  isDown = false;
  await shifts.probeNow(receiver.url);
  expect(await shifts.work(receiver.url)).toBeUndefined();
  expect(await shifts.troubledUrls(receiver.url)).toEqual([]);
  expect(await shifts.counts(receiver.url)).toEqual({ delivered: 300 });
  const arrived = receiver.calls.slice(whileDown + 1);
  expect(new Set(idsOf(arrived))).toEqual(new Set(ids));
  const idOf = new Map(arrived.map((call) => [call.body.id, call.headers['webhook-id']]));
  expect(idOf.size).toBe(300);
  expect(webhookIdsOf(receiver.calls)).toEqual(receiver.calls.map((call) => idOf.get(call.body.id)));
});

test('when it is back, what was to be told first is told first', async () => {
  let isDown = true;
  const receiver = await createReceiver(() => (isDown ? 500 : 200));
  const batches: string[][] = [];
  for (let commit = 0; commit < 10; commit += 1) batches.push(await shifts.tell(receiver.url, 5));
  await shifts.work(receiver.url, { callsPerReceiver: 1 });
  isDown = false;
  await shifts.probeNow(receiver.url);
  await shifts.work(receiver.url, { callsPerReceiver: 1 });
  const afterProbe = receiver.calls.slice(-49).map(({ body }) => batches.findIndex((ids) => ids.includes(body.id)));
  expect(afterProbe).toEqual([...afterProbe].sort((a, b) => a - b));
});

test('a receiver that never answers holds one connection, and only while it is called', async () => {
  let most = 0;
  let open = 0;
  const origin = await startOrigin((req) => {
    open += 1;
    most = Math.max(most, open);
    req.socket.once('close', () => (open -= 1));
  });
  await shifts.tell(origin.url, 50);
  await shifts.work(origin.url);
  await waitFor(() => open === 0);
  for (let probe = 0; probe < 3; probe += 1) {
    most = 0;
    await shifts.probeNow(origin.url);
    await shifts.work(origin.url);
    await waitFor(() => open === 0);
    expect(most).toBe(1);
  }
  expect((await shifts.shown(origin.url))?.receiver).toMatchObject({
    state: 'probing',
    lastError: { error: 'timeout' },
  });
});

test('when it is back, also a call that had failed before the trouble, and was put off during it, is made at once', async () => {
  let isDown = true;
  const receiver = await createReceiver(() => (isDown ? 500 : 200));
  const [early = ''] = await shifts.tell(receiver.url, 1);
  await shifts.work(receiver.url);
  isDown = false;
  await shifts.tell(receiver.url, 1);
  await shifts.work(receiver.url); // A success in between: the failure before it does not belong to the trouble that follows.
  isDown = true;
  await shifts.tell(receiver.url, 3);
  await shifts.work(receiver.url, { callsPerReceiver: 1 });
  expect(await shifts.troubledUrls(receiver.url)).toHaveLength(1);

  isDown = false;
  await shifts.probeNow(receiver.url);
  const setDueFirst = `update webhook_deliveries set next_attempt_at = now() - interval '1 minute'
    where url = $1 and status = 'pending' and job_id <> $2`;
  await shifts.db.database.query(setDueFirst, [receiver.url, early]); // One of them is the probe, and the early one waits for it.
  expect(await shifts.work(receiver.url)).toBeUndefined();
  expect(await shifts.counts(receiver.url)).toEqual({ delivered: 5 });
});

test('a call that fails for a reason of its own does not keep the others waiting', async () => {
  let bad = '';
  const receiver = await createReceiver(({ body }) => (body.id === bad ? 500 : 200));
  const [first = ''] = await shifts.tell(receiver.url, 20);
  bad = first;
  const startedAtMs = Date.now();
  const next = await shifts.work(receiver.url, { callsPerReceiver: 4 });
  expect(await shifts.counts(receiver.url)).toEqual({ delivered: 19, pending: 1 });
  expect(next?.getTime()).toBeGreaterThan(startedAtMs + FIRST_WAIT_MS);
});

test('many calls that fail for reasons of their own do not keep the others waiting for ever', async () => {
  const bad = new Set<string>();
  const receiver = await createReceiver(({ body }) => (bad.has(body.id) ? 500 : 200));
  for (const id of await shifts.tell(receiver.url, 40)) bad.add(id);
  const [good = ''] = await shifts.tell(receiver.url, 1);
  for (let probe = 0; probe < 6 && !idsOf(receiver.calls).includes(good); probe += 1) {
    await shifts.work(receiver.url);
    await shifts.probeNow(receiver.url);
  }
  expect(idsOf(receiver.calls)).toContain(good);
});

test('Retry-After is obeyed: nothing is sent before, not even another call', async () => {
  const requests: string[] = [];
  const origin = await startOrigin((req, res) => {
    requests.push(req.url ?? '');
    res.writeHead(429, { 'retry-after': '600' }).end();
  });
  await shifts.tell(origin.url, 30);
  const next = await shifts.work(origin.url, { callsPerReceiver: 1 });
  expect(requests).toHaveLength(1);
  const inMs = (next?.getTime() ?? 0) - Date.now();
  expect(inMs).toBeGreaterThan(590_000);
  expect(inMs).toBeLessThanOrEqual(600_000);
});

test('410 stops that URL, what is pending and what comes, and no other of the same origin', async () => {
  let isGone = true;
  const origin = await startOrigin((req, res) => {
    req.resume().on('end', () => res.writeHead(isGone && req.url === '/gone' ? 410 : 200).end());
  });
  const [gone, stays] = [`${origin.url}/gone`, `${origin.url}/stays`];
  await shifts.tell(gone, 300);
  await shifts.tell(stays, 5);
  await shifts.work(gone);
  await shifts.tell(gone, 3);
  isGone = false;
  expect(await shifts.work(gone)).toBeUndefined();
  expect(await shifts.counts(gone)).toEqual({ stopped: 303 });
  expect((await shifts.shown(gone))?.urls).toMatchObject([{ url: gone, state: 'stopped' }]);
  expect(await shifts.counts(stays)).toEqual({ delivered: 5 });
});

test('with WEBHOOK_MAX_ATTEMPTS a callback is given up after so many calls', async () => {
  const receiver = await createReceiver(() => 500);
  await shifts.tell(receiver.url, 1);
  for (let call = 0; call < 3; call += 1) {
    await shifts.db.database.query(`update webhook_deliveries set next_attempt_at = now() where url = $1`, [
      receiver.url,
    ]);
    await shifts.probeNow(receiver.url);
    await shifts.work(receiver.url, { maxAttempts: 3 });
  }
  expect(await shifts.counts(receiver.url)).toEqual({ failed: 1 });
  expect(receiver.calls).toHaveLength(3);
});

test('what has waited for 72 hours is given up without a call', async () => {
  const receiver = await createReceiver();
  await shifts.tell(receiver.url, 3);
  await shifts.db.database.query(
    `update webhook_deliveries set next_attempt_at = now() - interval '73 hours' where url = $1`,
    [receiver.url],
  );
  await shifts.work(receiver.url);
  expect(await shifts.counts(receiver.url)).toEqual({ failed: 3 });
  expect(receiver.calls).toEqual([]);
});

test('the log has every call with what it came to', async () => {
  let visits = 0;
  const origin = await startOrigin((_req, res) => {
    visits += 1;
    if (visits === 1) res.socket?.resetAndDestroy();
    else if (visits === 2) res.writeHead(500).end(`oh\0no ${'x'.repeat(2_000)}`);
    else res.writeHead(204).end();
  });
  await shifts.tell(origin.url, 1);
  for (let call = 0; call < 3; call += 1) {
    await shifts.db.database.query(`update webhook_deliveries set next_attempt_at = now() where url = $1`, [
      origin.url,
    ]);
    await shifts.work(origin.url);
  }
  const attempts = await shifts.db.database.query(
    `select a.place, a.status_code, a.error, a.answer, a.duration_ms >= 0 as has_duration
     from webhook_attempts a join webhook_deliveries d on d.id = a.delivery_id where d.url = $1 order by place`,
    [origin.url],
  );
  expect(attempts).toEqual([
    {
      place: 0,
      status_code: null,
      error: expect.stringMatching(/^(ECONNRESET|UND_ERR_SOCKET)$/),
      answer: null,
      has_duration: true,
    },
    { place: 1, status_code: 500, error: null, answer: `oh\ufffdno ${'x'.repeat(994)}`, has_duration: true },
    { place: 2, status_code: 204, error: null, answer: null, has_duration: true },
  ]);
  expect(await shifts.counts(origin.url)).toEqual({ delivered: 1 });
});

test('a replay while a call is under way begins a round that the call does not end', async () => {
  let answer: (() => void) | undefined;
  const origin = await startOrigin((_req, res) => {
    answer = () => res.end();
  });
  await shifts.tell(origin.url, 1);
  const shift = shifts.shiftFor(origin.url);
  const working = shift.run();
  await waitFor(() => answer !== undefined);
  await shifts.db.database.query(
    `update webhook_deliveries set round = 2, round_attempts = 0, round_started_at = now() where url = $1`,
    [origin.url],
  );
  shift.end();
  answer?.();
  await working;
  expect(
    await shifts.db.database.query('select status, attempts, round_attempts from webhook_deliveries where url = $1', [
      origin.url,
    ]),
  ).toEqual([{ status: 'pending', attempts: 1, round_attempts: 0 }]);
});

test('a receiver that is slow, and has many calls, leaves the first call of another one its place', async () => {
  const slow = await startOrigin(() => undefined);
  const quick = await createReceiver();
  await shifts.tell(slow.url, 10);
  await shifts.tell(quick.url, 1);
  const shift = shifts.shiftFor(slow.url, { slots: 1 });
  const working = shift.run();
  await waitFor(() => slow.requests.length > 0);
  await shifts.work(quick.url, { slots: 0 });
  expect(quick.calls).toHaveLength(1);
  shift.end();
  await slow.close();
  await working;
});

test('a receiver with few calls does not wait for the pace that fetching sets', async () => {
  const receiver = await createReceiver();
  await shifts.tell(receiver.url, 10);
  await shifts.work(receiver.url, { pace: { take: () => 5 } });
  expect(receiver.calls).toHaveLength(10);
});

describe('several URLs of one receiver', () => {
  /** Answers by path: with a status, or not at all. */
  async function startRoutes(answer: (path: string) => number | 'silence' | 'reset') {
    const paths: string[] = [];
    const origin = await startOrigin((req, res) => {
      const path = (req.url ?? '').split('?', 1)[0] ?? '';
      paths.push(path);
      req.resume().on('end', () => {
        const status = answer(path);
        if (status === 'reset') res.socket?.resetAndDestroy();
        else if (status !== 'silence') res.writeHead(status, status === 429 ? { 'retry-after': '600' } : {}).end();
      });
    });
    return { url: origin.url, paths, callsTo: (path: string) => paths.filter((each) => each === path).length };
  }

  test.each([500, 404, 302, 429, 503, 'reset', 'silence'] as const)(
    'one that answers %s does not keep the others waiting',
    async (status) => {
      const routes = await startRoutes((path) => (path === '/bad' ? status : 200));
      const [bad, good] = [`${routes.url}/bad`, `${routes.url}/good`];
      await shifts.tell(bad, 6);
      await shifts.tell(good, 20);
      for (let work = 0; work < 4 && (await shifts.counts(good))['delivered'] !== 20; work += 1) {
        await shifts.work(good);
        await shifts.probeNow(good);
      }
      expect(await shifts.counts(good)).toEqual({ delivered: 20 });
      expect(await shifts.counts(bad)).toEqual({ pending: 6 });
      if (typeof status === 'number') expect(routes.callsTo('/bad')).toBeLessThanOrEqual(6);
    },
  );

  test('one that refuses thousands of calls leaves the outbox to the others, and gets everything when it takes them again', async () => {
    let isBad = true;
    const routes = await startRoutes((path) => (path === '/bad' && isBad ? 500 : 200));
    const [bad, good] = [`${routes.url}/bad`, `${routes.url}/good`];
    await shifts.tell(bad, 1_000);
    await shifts.tell(good, 50);
    await shifts.work(good);
    expect(await shifts.counts(good)).toEqual({ delivered: 50 });
    expect(routes.callsTo('/bad')).toBeLessThanOrEqual(8);
    isBad = false;
    await shifts.probeNow(bad);
    expect(await shifts.work(bad)).toBeUndefined();
    expect(await shifts.counts(bad)).toEqual({ delivered: 1_000 });
  });

  test('queries do not tell URLs apart', async () => {
    const routes = await startRoutes(() => 500);
    for (let token = 0; token < 12; token += 1) await shifts.tell(`${routes.url}/bad?token=${token}`, 1);
    await shifts.work(routes.url, { callsPerReceiver: 1 });
    expect(routes.callsTo('/bad')).toBe(3);
    expect(await shifts.troubledUrls(routes.url)).toHaveLength(1);
  });

  test('a URL for each job makes no rows while each is refused once', async () => {
    const routes = await startRoutes((path) => (path.startsWith('/hook/') ? 500 : 200));
    for (let token = 0; token < 40; token += 1) await shifts.tell(`${routes.url}/hook/${token}`, 1);
    await shifts.tell(`${routes.url}/good`, 5);
    await shifts.work(routes.url);
    expect(await shifts.troubledUrls(routes.url)).toEqual([]);
    expect(await shifts.counts(`${routes.url}/good`)).toEqual({ delivered: 5 });
    expect(routes.paths.filter((path) => path.startsWith('/hook/'))).toHaveLength(40);
  });

  test('when several ask for patience, the whole receiver is left alone', async () => {
    const routes = await startRoutes(() => 429);
    for (let path = 0; path < 20; path += 1) await shifts.tell(`${routes.url}/${path}`, 1);
    const next = await shifts.work(routes.url, { callsPerReceiver: 1 });
    expect(routes.paths).toHaveLength(3);
    expect((next?.getTime() ?? 0) - Date.now()).toBeGreaterThan(590_000);
  });

  test('a receiver that refuses connections costs one connection at a time, whatever its URLs', async () => {
    const origin = await startOrigin(() => undefined);
    await origin.close();
    for (let path = 0; path < 30; path += 1) await shifts.tell(`${origin.url}/${path}`, 1);
    const next = await shifts.work(origin.url, { callsPerReceiver: 1 });
    expect(await shifts.receiver(origin.url)).toMatchObject({ health: { failures: 3, nextCallAt: next } });
    expect(await shifts.troubledUrls(origin.url)).toEqual([]);
    const attempts = async () =>
      shifts.db.database.query('select 1 from webhook_attempts a join webhook_deliveries d on d.id = a.delivery_id where d.url like $1', [`${origin.url}/%`]); // prettier-ignore
    expect(await attempts()).toHaveLength(3);
    await shifts.probeNow(origin.url);
    await shifts.work(origin.url);
    expect(await attempts()).toHaveLength(4);
  });

  test('a URL that refuses is called at once when one of its calls is replayed', async () => {
    let isBad = true;
    const routes = await startRoutes(() => (isBad ? 500 : 200));
    const url = `${routes.url}/bad`;
    await shifts.tell(url, 10);
    await shifts.work(url);
    isBad = false;
    const [row] = await shifts.db.database.query<{ id: string }>('select id from webhook_deliveries where url = $1', [
      url,
    ]);
    await replayDelivery(shifts.db.database, shifts.apiKeyId, row?.id ?? '');
    await shifts.work(url);
    expect(await shifts.counts(url)).toEqual({ delivered: 10 });
  });
});
