import { createHash } from 'node:crypto';

export interface Endpoint {
  readonly endpointId: string;
  readonly origin: string;
}

/** Names the receiver of callbacks: one origin, for one key. Its calls share a queue, a pace and a health. */
export const endpointOf = (apiKeyId: string, callbackUrl: string): Endpoint => endpointNamed(apiKeyId, callbackUrl, '');

/** Names the receiver of test calls. They have a queue of their own: they wait behind no backlog and do not change the health of the others. */
export const testEndpointOf = (apiKeyId: string, callbackUrl: string): Endpoint =>
  endpointNamed(apiKeyId, callbackUrl, '\ntest');

function endpointNamed(apiKeyId: string, callbackUrl: string, kind: string): Endpoint {
  const { origin } = new URL(callbackUrl);
  const endpointId = createHash('sha256').update(`${apiKeyId}\n${origin}${kind}`).digest('hex').slice(0, 32);
  return { endpointId, origin };
}
