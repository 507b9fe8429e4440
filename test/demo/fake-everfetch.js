/**
 * Stands in for `everfetch start` in tests of the demo: the same HTTP contract without PostgreSQL and Temporal.
 * FAKE_FAULT makes it wrong in one way: crash, wrong-body, double-callback, wrong-counts, failed-job, not-ready.
 */
const { createServer } = require('node:http');
const { writeFileSync } = require('node:fs');
const { setTimeout: sleep } = require('node:timers/promises');
const { text } = require('node:stream/consumers');
const { TextDecoder } = require('node:util');

const { PORT, API_KEY, DATA_DIR, DATABASE_URL, FAKE_FAULT: fault } = process.env;
const origin = `http://127.0.0.1:${PORT}`;
const jobs = new Map();
const batches = new Map();
let nextId = 1;

if (process.argv[2] !== 'start') throw new Error('expected: start');
if (DATABASE_URL !== '') throw new Error('the database of the caller would be used');
writeFileSync(`${DATA_DIR}/in-use`, '');

/** Follows redirects by hand, because fetch() keeps no cookies. */
async function fetchPage(url, { method, headers, body }) {
  let cookie = '';
  for (;;) {
    const options = { method, headers: { ...headers, cookie }, redirect: 'manual', signal: AbortSignal.timeout(4_000) };
    const answer = await fetch(url, body === undefined ? options : { ...options, body });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (answer.status === 302) {
      cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? cookie;
      url = new URL(answer.headers.get('location'), url).href;
      continue;
    }
    const type = answer.headers.get('content-type');
    const isBinary = type.startsWith('image/');
    const charset = /charset="?([\w-]+)/.exec(type + bytes.toString('latin1').slice(0, 200))?.[1] ?? 'utf-8';
    // `stream`, because without it Node 20 decodes windows-1252 as Latin-1.
    const decoded = isBinary ? '' : new TextDecoder(charset).decode(bytes, { stream: true });
    if (answer.status !== 404 && (!answer.ok || decoded.includes('/cdn-cgi/challenge-platform/')))
      throw new Error('blocked');
    const content = isBinary ? { base64EncodedBody: bytes.toString('base64') } : { body: decoded };
    return { statusCode: answer.status, headers: { 'content-type': type, 'sa-final-url': url }, ...content };
  }
}

async function run(job, request) {
  for (;;) {
    job.attempts += 1;
    try {
      job.response = await fetchPage(job.url, request);
      break;
    } catch {
      await sleep(50);
    }
  }
  if (fault === 'wrong-body' && job.url.endsWith('/3')) job.response.body = job.response.body.replace('€', '?');
  if (fault === 'failed-job' && job.url.endsWith('/3')) {
    Object.assign(job, { status: 'failed', failReason: 'failed_due_to_timeout', response: undefined });
    return;
  }
  job.status = 'finished';
  if (request.callback) await callBack(job, request.callback.url);
}

async function callBack(job, url) {
  const call = () => fetch(url, { method: 'POST', body: JSON.stringify(job) });
  while (!(await call()).ok) await sleep(100);
  if (fault === 'double-callback' && job.url.endsWith('/3')) await call();
}

function accept(url, request) {
  const id = `job-${nextId++}`;
  const job = { id, url, status: 'running', attempts: 0, statusUrl: `${origin}/jobs/${id}` };
  jobs.set(id, job);
  void run(job, request);
  return job;
}

function countsOf(members) {
  const having = (status) => members.filter((job) => job.status === status).length;
  const counts = {
    queued: 0,
    running: having('running'),
    finished: having('finished'),
    failed: having('failed'),
    cancelled: 0,
  };
  return { ...counts, total: members.length + (fault === 'wrong-counts' ? 1 : 0) };
}

async function answer(request, response) {
  const [, collection, id] = request.url.split('/');
  const send = (status, value, headers = {}) => response.writeHead(status, headers).end(JSON.stringify(value));
  if (collection === 'readyz') return send(fault === 'not-ready' ? 503 : 200, {});
  if (request.method === 'GET' && collection === 'jobs') return send(200, jobs.get(id));
  if (collection === 'batches') {
    if (request.headers['x-api-key'] !== API_KEY) return send(401, { error: 'no key' });
    if (fault === 'crash') {
      process.stderr.write('something broke\n');
      process.exit(3);
    }
    return send(200, { counts: countsOf(batches.get(id)) });
  }
  const body = JSON.parse(await text(request));
  if (body.apiKey !== API_KEY) return send(401, { error: 'no key' });
  if (collection === 'jobs') return send(200, accept(body.url, body));
  const members = body.urls.map((url) => accept(url, { callback: body.callback }));
  batches.set('batch-1', members);
  return send(200, members, { 'x-batch-id': 'batch-1' });
}

createServer((request, response) => void answer(request, response)).listen(Number(PORT), '127.0.0.1');
process.once('SIGINT', () => process.exit(0));
