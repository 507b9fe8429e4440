import { WebhookError } from './errors';

export interface WebhookToVerify {
  /** The body exactly as it came: bytes, or the text of these. */
  readonly payload: string | Uint8Array;
  /** Those of the request, in any case. */
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The secret of the key: `whsec_…`. */
  readonly secret: string;
  /** How far the time of the call may be off (s). @default 300 */
  readonly toleranceSec?: number | undefined;
}

/**
 * Checks the signature of a callback (Standard Webhooks, https://www.standardwebhooks.com) and gives its body.
 * @throws WebhookError when it is not signed with the secret, or not of now
 */
export async function verifyWebhook<T = unknown>({
  payload,
  headers,
  secret,
  toleranceSec = 300,
}: WebhookToVerify): Promise<T> {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => {
    const value = headerOf(headers, name);
    if (value === undefined || value === '') throw new WebhookError(`The callback has no header ${name}.`);
    return value;
  }) as [string, string, string];
  const offSec = Math.abs(Date.now() / 1_000 - Number(timestamp));
  if (!/^\d+$/.test(timestamp) || offSec > toleranceSec)
    throw new WebhookError('The time of the callback is not that of now.');
  const text = typeof payload === 'string' ? payload : new TextDecoder().decode(payload);
  const bytes = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
  const signed = joined(new TextEncoder().encode(`${id}.${timestamp}.`), bytes);
  const key = await crypto.subtle.importKey('raw', secretBytes(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'verify',
  ]);
  for (const signature of signatures.split(' ')) {
    const [version, mac = ''] = signature.split(',');
    const macBytes = version === 'v1' ? fromBase64(mac) : undefined;
    // It compares in constant time.
    if (macBytes !== undefined && (await crypto.subtle.verify('HMAC', key, macBytes, signed)))
      return JSON.parse(text) as T;
  }
  throw new WebhookError('The signature of the callback is not that of the secret.');
}

function headerOf(headers: WebhookToVerify['headers'], name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  const value = Object.entries(headers).find(([each]) => each.toLowerCase() === name)?.[1];
  return typeof value === 'object' ? value[0] : value;
}

function secretBytes(secret: string): Uint8Array<ArrayBuffer> {
  const bytes = fromBase64(secret.replace(/^whsec_/, ''));
  if (bytes === undefined || bytes.length === 0) throw new TypeError('secret must be whsec_ and base64.');
  return bytes;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(head.length + tail.length);
  both.set(head);
  both.set(tail, head.length);
  return both;
}
