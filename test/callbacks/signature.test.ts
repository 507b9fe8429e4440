import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { Webhook } from 'standardwebhooks';
import { CallSignature } from '../../src/callbacks/signature';

const secret = () => `whsec_${randomBytes(32).toString('base64')}`;
const BODY = JSON.stringify({ id: 'job', status: 'finished', response: { body: 'Grüße 😀' } });

function signed(secrets: readonly string[], { body = BODY, at = new Date() } = {}) {
  const signature = new CallSignature({ id: 'msg-1', at, secrets });
  for (const part of [body.slice(0, 10), body.slice(10)]) signature.update(Buffer.from(part));
  return { ...signature.headers() };
}

test('the reference library accepts a signature, made in parts, and gives the payload', () => {
  const key = secret();
  expect(new Webhook(key).verify(BODY, signed([key]))).toEqual(JSON.parse(BODY));
});

test.each([
  ['a body that was changed', BODY.replace('finished', 'failed'), {}],
  ['another id', BODY, { 'webhook-id': 'msg-2' }],
  ['another time', BODY, { 'webhook-timestamp': String(Math.floor(Date.now() / 1_000) - 1) }],
])('the reference library refuses %s', (_what, body, changed) => {
  const key = secret();
  expect(() => new Webhook(key).verify(body, { ...signed([key]), ...changed })).toThrow('No matching signature');
});

test('the reference library refuses a call that is replayed later, and one under another secret', () => {
  const key = secret();
  const old = signed([key], { at: new Date(Date.now() - 6 * 60_000) });
  expect(() => new Webhook(key).verify(BODY, old)).toThrow('too old');
  expect(() => new Webhook(secret()).verify(BODY, signed([key]))).toThrow('No matching signature');
});

test('during a rotation receivers with the old and with the new secret accept the same call', () => {
  const [next, previous] = [secret(), secret()];
  const headers = signed([next, previous]);
  expect(headers['webhook-signature'].split(' ')).toHaveLength(2);
  for (const key of [next, previous]) expect(new Webhook(key).verify(BODY, headers)).toEqual(JSON.parse(BODY));
});

test('the check without a library that the documentation shows accepts a call, and no other', () => {
  const docs = readFileSync(join(__dirname, '..', '..', 'docs', 'callbacks.md'), 'utf8');
  const code = /```js\n(const \{ createHmac[^]*?)```/.exec(docs)?.[1] ?? '';
  const isOurs = (key: string, body: string, headers: Record<string, string>): unknown => {
    const given = { request: { headers }, rawBody: Buffer.from(body), process: { env: { WEBHOOK_SECRET: key } } };
    return runInNewContext(`(() => { ${code}; return isOurs; })()`, { require, Buffer, ...given });
  };
  const [next, previous] = [secret(), secret()];
  for (const key of [next, previous]) expect(isOurs(key, BODY, signed([next, previous]))).toBe(true);
  expect(isOurs(next, `${BODY} `, signed([next]))).toBe(false);
  expect(isOurs(secret(), BODY, signed([next]))).toBe(false);
  expect(isOurs(next, BODY, { ...signed([next]), 'webhook-signature': 'v1,bm8=' })).toBe(false);
});
