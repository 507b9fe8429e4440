import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBrowser } from '../../src/fetch/browser/find-browser';
import { startOrigin } from '../support/origin';
import { runCliHere } from '../support/run-cli';
import { TEST_KEY, startTestService } from '../support/test-service';
import type { TestService } from '../support/test-service';
import { waitFor } from '../support/wait-for';

/** Debian's package `chromium` is enough; CI has it. */
const describeWithBrowser = findBrowser('auto') === undefined ? describe.skip : describe;

const PAGE = `<html><head><title>Shop</title></head><body style="height: 3000px"><div id="list"></div><button>more</button>
<script>
  const add = (text) => list.insertAdjacentHTML('beforeend', '<p class="item">' + text + '</p>');
  fetch('/items').then((answer) => answer.text()).then(add);
  document.querySelector('button').onclick = () => add('clicked ' + document.cookie);
  document.cookie = 'made=by-script; path=/';
</script></body></html>`;

const shop = () =>
  startOrigin((req, res) => {
    if (req.url === '/items') return void res.end(`item for ${req.headers.cookie ?? 'nobody'}`);
    res.setHeader('content-type', 'text/html');
    res.setHeader('set-cookie', 'visit=1; Path=/; HttpOnly');
    res.end(PAGE);
  });

describeWithBrowser('with a browser', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService({ env: { ATTEMPT_TIMEOUT_SEC: '40', MAX_BROWSER_PAGES: '2' } });
  });
  afterAll(() => service.stop());

  const ended = (id: string) =>
    waitFor(async () => {
      const job = (await service.call('GET', `/jobs/${id}`)).body;
      return job.status === 'running' ? undefined : job;
    });
  const submitted = async (body: Record<string, unknown>, headers?: Record<string, string>) => {
    const answer = await service.call('POST', '/jobs', { apiKey: TEST_KEY, ...body }, headers);
    expect(answer.status).toBe(200);
    return answer.body.id as string;
  };

  test('a page is what its scripts made of it, with a screenshot at the address that it names', async () => {
    const origin = await shop();
    const id = await submitted({ url: `${origin.url}/`, apiParams: { wait_for_selector: '.item', screenshot: true } });
    const job = await ended(id);
    expect(job).toMatchObject({ status: 'finished', attempts: 1, credits: 10 });
    expect(job.response.body).toContain('<p class="item">item for visit=1');
    const address = job.response.headers['sa-screenshot'] as string;
    expect(address).toMatch(new RegExp(`/jobs/${id}/screenshot$`));
    const image = await fetch(`${service.url}/jobs/${id}/screenshot`);
    expect(image.headers.get('content-type')).toBe('image/png');
    const bytes = Buffer.from(await image.arrayBuffer());
    expect(bytes.subarray(1, 4).toString('latin1')).toBe('PNG');
    expect(bytes.readUInt32BE(20)).toBeGreaterThanOrEqual(3_000);
    expect(origin.requests[0]?.headers['user-agent']).not.toContain('Headless');
  });

  test('the command line writes screenshots beside the pages', async () => {
    const origin = await shop();
    const folder = await mkdtemp(join(tmpdir(), 'everfetch-screenshots-'));
    const env = { EVERFETCH_URL: service.url, EVERFETCH_API_KEY: TEST_KEY, XDG_CONFIG_HOME: folder };
    try {
      const out = join(folder, 'pages');
      const submitted = await runCliHere(['submit', `${origin.url}/`, '--screenshot', '--out', `${out}/`], { env });
      expect(submitted).toMatchObject({ code: 0 });
      const entry = JSON.parse(await readFile(join(out, 'index.ndjson'), 'utf8'));
      expect(entry.screenshot).toBe(entry.file.replace(/html$/, 'screenshot.png'));
      expect((await readdir(out)).sort()).toEqual([entry.file, entry.screenshot, 'index.ndjson'].sort());
      const picture = await readFile(join(out, entry.screenshot));
      expect(picture.subarray(1, 4).toString('latin1')).toBe('PNG');
      const again = join(folder, 'again.png');
      expect(await runCliHere(['get', entry.id, '--screenshot', '--out', again], { env })).toMatchObject({ code: 0 });
      expect((await readFile(again)).equals(picture)).toBe(true);
      const both = await runCliHere(['get', entry.id, '--screenshot', '--body'], { env });
      expect(both).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('cannot be had at once') });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('steps may come in the header, a session keeps its cookies, and markdown is made of what there is in the end', async () => {
    const origin = await shop();
    const steps = JSON.stringify([
      { type: 'wait_for_selector', selector: { type: 'css', value: '.item' } },
      { type: 'click', selector: { type: 'text', value: 'more' } },
    ]);
    const apiParams = { session_number: 5, output_format: 'markdown' };
    const first = await ended(
      await submitted({ url: `${origin.url}/`, apiParams }, { 'x-sapi-instruction_set': steps }),
    );
    expect(first.response.body).toContain('clicked made=by-script');
    const { response } = await ended(await submitted({ url: `${origin.url}/items`, apiParams: { session_number: 5 } }));
    expect(response.body).toMatch(/item for (visit=1; made=by-script|made=by-script; visit=1)/);
  });

  test('a batch is swept by the workers that have a browser', async () => {
    const origin = await shop();
    const urls = [1, 2, 3].map((each) => `${origin.url}/?${each}`);
    const answer = await service.call('POST', '/batchjobs', {
      ...{ apiKey: TEST_KEY, urls, fanOut: 'sweep', apiParams: { render: true, wait_for_selector: '.item' } },
    });
    for (const { id } of answer.body as { id: string }[])
      expect((await ended(id)).response.body).toContain('<p class="item">');
  });

  test('maxPerHost holds for rendered and other pages of a batch together', async () => {
    const open = new Set<string>();
    const together: string[][] = [];
    const origin = await startOrigin((req, res) => {
      const { url = '' } = req;
      if (url === '/favicon.ico') return void res.writeHead(404).end(); // belongs to a page that may be over
      open.add(url);
      if (open.size > 1) together.push([...open]);
      res.once('close', () => open.delete(url));
      setTimeout(() => res.end('<p class="item">fine</p>'), 1_000); // a browser has been started meanwhile
    });
    const lines = Array.from({ length: 8 }, (_, index) =>
      JSON.stringify({ url: `${origin.url}/${index}`, apiParams: { render: index % 2 === 0 } }),
    );
    const answer = await fetch(`${service.url}/batches?api_key=${TEST_KEY}&maxPerHost=1&fanOut=sweep`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body: lines.join('\n') },
    });
    const { id } = (await answer.json()) as { id: string };
    await waitFor(async () => {
      const { counts } = (await service.call('GET', `/batches/${id}?api_key=${TEST_KEY}`)).body;
      return counts.finished === lines.length;
    });
    expect(together).toEqual([]);
  });

  test('what a selector waits for in vain is tried again, and told', async () => {
    const origin = await shop();
    const id = await submitted({
      url: `${origin.url}/`,
      apiParams: { instruction_set: [{ type: 'click', selector: { type: 'css', value: '#nowhere' }, timeout: 1 }] },
    });
    const job = await waitFor(async () => {
      const { body } = await service.call('GET', `/jobs/${id}`);
      return body.lastFailure === undefined ? undefined : body;
    });
    expect(job.lastFailure).toMatchObject({ reason: 'unsuccessful' });
    await service.call('DELETE', `/jobs/${id}`);
  });

  test('a job that waits for a selector until its time is over says so, and counts the attempt', async () => {
    const origin = await shop();
    const id = await submitted({ url: `${origin.url}/`, timeoutSec: 8, apiParams: { wait_for_selector: '.never' } });
    expect(await ended(id)).toMatchObject({
      ...{ status: 'failed', failReason: 'failed_due_to_timeout', attempts: 1 },
      lastFailure: { reason: 'unsuccessful', detail: 'wait_for_selector did not appear' },
    });
  });

  test('an address that may not be fetched may not be rendered either', async () => {
    const origin = await startOrigin((_req, res) => res.writeHead(302, { location: 'http://127.0.0.2:1/' }).end());
    const id = await submitted({ url: `${origin.url}/`, apiParams: { render: true } });
    expect(await ended(id)).toMatchObject({ status: 'failed', failReason: 'forbidden_target' });
  });
});
