import { Webhook } from 'standardwebhooks';
import { CallSignature } from '../../src/callbacks/signature';
import { WebhookError, verifyWebhook } from '../../src/client';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const payload = JSON.stringify({ status: 'finished', text: 'é€😀' });

function signedAt(at: Date, body = payload, secrets = [SECRET]): Record<string, string> {
  const signature = new CallSignature({ id: 'msg_1', at, secrets });
  signature.update(Buffer.from(body));
  return { ...signature.headers() };
}

test('what the service signs is taken, as by the library of Standard Webhooks', async () => {
  const headers = signedAt(new Date());
  const expected = new Webhook(SECRET).verify(payload, headers);
  expect(await verifyWebhook({ payload, headers, secret: SECRET })).toEqual(expected);
  const bytes = new TextEncoder().encode(payload);
  expect(await verifyWebhook({ payload: bytes, headers: new Headers(headers), secret: SECRET })).toEqual(expected);
});

test('what the library signs is taken too, with headers in any case and lists of values', async () => {
  const at = new Date();
  const headers = {
    'Webhook-Id': 'msg_2',
    'WEBHOOK-TIMESTAMP': [String(Math.floor(at.getTime() / 1_000))],
    'webhook-signature': new Webhook(SECRET).sign('msg_2', at, payload),
  };
  expect(await verifyWebhook({ payload, headers, secret: SECRET })).toEqual(JSON.parse(payload));
});

test('during a rotation a signature of either secret is enough', async () => {
  const old = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;
  const headers = signedAt(new Date(), payload, [old, SECRET]);
  for (const secret of [old, SECRET])
    expect(await verifyWebhook({ payload, headers, secret })).toEqual(JSON.parse(payload));
});

const now = new Date();
const good = signedAt(now);
test.each([
  ['another body', { payload: `${payload} ` }],
  ['another secret', { secret: `whsec_${Buffer.alloc(32, 8).toString('base64')}` }],
  ['another id', { headers: { ...good, 'webhook-id': 'msg_9' } }],
  ['no signature', { headers: { ...good, 'webhook-signature': '' } }],
  ['half a signature', { headers: { ...good, 'webhook-signature': good['webhook-signature']?.slice(0, 20) } }],
  ['a signature of another kind', { headers: { ...good, 'webhook-signature': 'v1a,AAAA v2,BBBB ,, v1' } }],
  ['a signature that is not base64', { headers: { ...good, 'webhook-signature': 'v1,%%%' } }],
  ['no time', { headers: { ...good, 'webhook-timestamp': undefined } }],
  ['a time that is none', { headers: { ...good, 'webhook-timestamp': 'soon' } }],
  ['a time six minutes ago', { headers: signedAt(new Date(now.getTime() - 360_000)) }],
  ['a time in six minutes', { headers: signedAt(new Date(now.getTime() + 360_000)) }],
])('%s is refused, without the secret in the message', async (_what, changed) => {
  const error: unknown = await verifyWebhook({ payload, headers: good, secret: SECRET, ...changed }).catch(
    (each: unknown) => each,
  );
  expect(error).toBeInstanceOf(WebhookError);
  expect(String(error)).not.toContain(SECRET.slice(6, 20));
});

test('a secret that is none is a mistake of the caller', async () => {
  for (const secret of ['', 'whsec_', 'whsec_%'])
    await expect(verifyWebhook({ payload, headers: good, secret })).rejects.toThrow(TypeError);
});
