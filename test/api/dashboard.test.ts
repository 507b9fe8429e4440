import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import request from 'supertest';
import { notFoundHandler, problemHandler } from '../../src/api/problem';
import { PUBLIC_DIR, dashboardRouter } from '../../src/api/routes/dashboard';
import { createLogger } from '../../src/telemetry/logger';

let dir: string;

const appOf = (publicDir: string) =>
  express()
    .use(dashboardRouter(publicDir))
    .use(notFoundHandler)
    .use(problemHandler(createLogger('silent')));

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'everfetch-public-'));
  await mkdir(join(dir, 'dashboard'));
  await writeFile(join(dir, 'index.html'), '<!doctype html><title>everfetch</title>');
  await writeFile(join(dir, 'secret.txt'), 'not an asset');
  await writeFile(join(dir, 'dashboard', 'index-a1b2c3.js'), 'export {};');
  await writeFile(join(dir, 'dashboard', 'index-a1b2c3.css'), 'body{}');
  await writeFile(join(dir, 'dashboard', '.hidden'), 'x');
});
afterAll(() => rm(dir, { recursive: true, force: true }));

test('the page may run only its own files, is never framed, and is asked for each time', async () => {
  const { status, headers, text } = await request(appOf(dir)).get('/');
  expect({ status, text }).toEqual({ status: 200, text: '<!doctype html><title>everfetch</title>' });
  expect(headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'content-security-policy':
      "default-src 'none'; script-src 'self'; style-src 'self' data:; connect-src 'self'; img-src 'self' data: blob:; frame-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  });
  const head = await request(appOf(dir)).head('/');
  expect({ status: head.status, length: head.headers['content-length'] }).toEqual({ status: 200, length: '39' });
});

test('assets are kept for good, with their types', async () => {
  const app = appOf(dir);
  for (const [name, type] of [
    ['index-a1b2c3.js', 'text/javascript; charset=utf-8'],
    ['index-a1b2c3.css', 'text/css; charset=utf-8'],
  ]) {
    const { status, headers } = await request(app).get(`/dashboard/${name}`);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': type,
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
  }
});

test.each([
  '/dashboard/missing.js',
  '/dashboard/',
  '/dashboard',
  '/dashboard/.hidden',
  '/dashboard/%2e%2e/secret.txt',
  '/dashboard/..%2fsecret.txt',
  '/dashboard/..%5csecret.txt',
  '/dashboard/%00',
  '/dashboard/index-a1b2c3.js/x',
])('%s is not found', async (path) => {
  const { status, type } = await request(appOf(dir)).get(path);
  expect({ status, type }).toEqual({ status: 404, type: 'application/problem+json' });
});

test('where it was not built, a sentence says how to build it', async () => {
  const { status, type, text } = await request(appOf(join(dir, 'nothing'))).get('/');
  expect({ status, type }).toEqual({ status: 404, type: 'text/plain' });
  expect(text).toMatch(/^The dashboard is not part of this build of everfetch: "npm run build" makes it\./);
});

test('the build is looked for in the package', () => {
  expect(PUBLIC_DIR).toBe(join(__dirname, '..', '..', 'dist', 'public'));
});
