import { createHash } from 'node:crypto';

export interface Endpoint {
  readonly endpointId: string;
  readonly origin: string;
}

/** A receiver is one key's callbacks to one origin: its calls share a queue, a pace and a fate. */
export const endpointOf = (apiKeyId: string, callbackUrl: string): Endpoint => endpointNamed(apiKeyId, callbackUrl, '');

/** Test calls have a queue of their own: they wait behind no backlog, and what comes of them says nothing about the others. */
export const testEndpointOf = (apiKeyId: string, callbackUrl: string): Endpoint =>
  endpointNamed(apiKeyId, callbackUrl, '\ntest');

function endpointNamed(apiKeyId: string, callbackUrl: string, kind: string): Endpoint {
  const { origin } = new URL(callbackUrl);
  const endpointId = createHash('sha256').update(`${apiKeyId}\n${origin}${kind}`).digest('hex').slice(0, 32);
  return { endpointId, origin };
}
